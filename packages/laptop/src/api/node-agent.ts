import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'

export interface LogRequest {
  readonly namespace: string
  readonly pod: string
  /** Absent: the application's container. */
  readonly container?: string
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly follow?: boolean
  /** Of the container before its last restart. */
  readonly previous?: boolean
  /** RFC 3339 time before each line. */
  readonly timestamps?: boolean
  /** Ends a log that is followed. */
  readonly signal?: AbortSignal
}

export interface ExecRequest {
  readonly namespace: string
  readonly pod: string
  readonly container?: string
  readonly command: readonly string[]
  readonly stdin?: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly tty: boolean
  /** Sizes of the caller's terminal, as they change. */
  readonly resize?: AsyncIterable<{ readonly columns: number, readonly rows: number }>
  /** The caller went away: end the command. */
  readonly signal?: AbortSignal
}

export interface PortForwardRequest {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** What runs the pods, as far as the API needs it: the kubelet's part of `logs`, `exec` and `port-forward`. */
export interface NodeAgent {
  logs(request: LogRequest): AsyncIterable<Buffer>
  /** @throws Error when the command cannot be started; its message is shown to the user. */
  exec(request: ExecRequest): Promise<{ readonly exitCode: number }>
  portForward(request: PortForwardRequest): Promise<Socket>
}
