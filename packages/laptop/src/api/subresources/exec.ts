import { PassThrough, Writable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { isRecord } from '../../resources/json.ts'
import type { NodeAgent } from '../node-agent.ts'

/** First byte of each message of the `channel.k8s.io` subprotocols. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 }

export interface ExecOptions {
  readonly namespace: string
  readonly pod: string
  readonly container?: string
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/**
 * Runs a command in a pod over a WebSocket: each message is one byte of channel and the data. When the command has ended, a Status
 * on the error channel says how.
 */
export function runExec (node: NodeAgent, socket: WebSocket, options: ExecOptions): void {
  const { stdin: wantsInput, tty, namespace, pod, container, command } = options
  const ending = new AbortController()
  const stdin = new PassThrough()
  const sizes = terminalSizes()
  socket.on('message', (data) => { receive(bytesOf(data), { stdin, sizes, socket }) })
  socket.on('close', () => {
    stdin.end()
    sizes.end()
    ending.abort()
  })
  socket.on('error', () => { socket.terminate() })

  const running = node.exec({
    namespace,
    pod,
    ...(container !== undefined && { container }),
    command,
    ...(wantsInput && { stdin }),
    stdout: options.stdout ? toChannel(socket, channel.stdout) : discard(),
    stderr: options.stderr ? toChannel(socket, channel.stderr) : discard(),
    tty,
    resize: sizes.values,
    signal: ending.signal
  })
  running.then(
    ({ exitCode }) => { finish(socket, exitCode === 0 ? { metadata: {}, status: 'Success' } : exitStatus(exitCode)) },
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      finish(socket, { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 })
    }
  )
}

interface Inputs {
  readonly stdin: PassThrough
  readonly sizes: ReturnType<typeof terminalSizes>
  readonly socket: WebSocket
}

function receive (message: Buffer, { stdin, sizes, socket }: Inputs): void {
  const [number] = message
  const data = message.subarray(1)
  if (number === channel.stdin && !stdin.writableEnded) {
    if (!stdin.write(data)) {
      socket.pause()
      stdin.once('drain', () => { socket.resume() })
    }
  } else if (number === channel.close && data[0] === channel.stdin) stdin.end()
  else if (number === channel.resize) sizes.push(data)
}

/** Sends what is written to it on a channel, no faster than the client takes it. */
function toChannel (socket: WebSocket, number: number): Writable {
  return new Writable({
    write (data: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) {
        done()
        return
      }
      socket.send(Buffer.concat([Buffer.of(number), data]), () => { done() })
    }
  })
}

function discard (): Writable {
  return new Writable({ write (_data, _encoding, done) { done() } })
}

function exitStatus (exitCode: number): object {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] }
  }
}

function finish (socket: WebSocket, status: object): void {
  if (socket.readyState !== socket.OPEN) return
  socket.send(Buffer.concat([Buffer.of(channel.error), Buffer.from(JSON.stringify(status))]), () => { socket.close(1000) })
}

/** The sizes of the client's terminal as they come in: `{"Width": 80, "Height": 24}`. */
function terminalSizes (): { push: (data: Buffer) => void, end: () => void, values: AsyncIterable<TerminalSize> } {
  const sizes = new PassThrough({ objectMode: true })
  return {
    push: (data) => {
      try {
        const size: unknown = JSON.parse(data.toString('utf8'))
        if (isRecord(size)) sizes.write({ columns: Number(size.Width), rows: Number(size.Height) })
      } catch {
        // A size that cannot be read leaves the terminal as it is.
      }
    },
    end: () => { sizes.end() },
    values: sizes
  }
}

function bytesOf (data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
