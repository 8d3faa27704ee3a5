import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { fieldOf, isRecord, textOf, type JsonRecord } from '../resources/json.ts'
import { CliError } from './command.ts'
import { stateDirectory } from './home.ts'

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>>
  /** An object is sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
}

export interface Connection {
  /** `https://127.0.0.1:6443` */
  readonly server: string
  /** PEM */
  readonly ca: string
  readonly token: string
}

/** Speaks to the API of the laptop cluster. Every failure is thrown: {@link ApiFailure} for a Status, {@link CliError} when nobody answers. */
export interface Client {
  readonly connection: Connection
  request(method: string, path: string, options?: RequestOptions): Promise<JsonRecord>
  /** The response itself, for logs and watches. */
  stream(path: string, options?: RequestOptions & { readonly signal?: AbortSignal }): Promise<IncomingMessage>
  close(): void
}

/** A Status that the API answered. */
export class ApiFailure extends Error {
  readonly status: JsonRecord

  constructor (status: JsonRecord) {
    super(textOf(status.message))
    this.name = 'ApiFailure'
    this.status = status
  }

  get code (): number { return Number(this.status.code) }
  get reason (): string { return textOf(this.status.reason) }
}

export const notRunning = 'the laptop cluster is not running. Start it with "pnpm dev" (or "pnpm bankinfo up") and leave it open'

/** Reads the kubeconfig that the running cluster has written. @throws CliError when there is none */
export async function readConnection (env: NodeJS.ProcessEnv): Promise<Connection> {
  const path = join(stateDirectory(env), 'kubeconfig')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    throw new CliError(notRunning)
  }
  const config: unknown = text.startsWith('{') ? JSON.parse(text) : (await import('yaml')).parse(text)
  const [cluster] = listOf(fieldOf(config, 'clusters'))
  const [user] = listOf(fieldOf(config, 'users'))
  const connection = {
    server: textOf(fieldOf(cluster, 'cluster', 'server')),
    ca: Buffer.from(textOf(fieldOf(cluster, 'cluster', 'certificate-authority-data')), 'base64').toString('utf8'),
    token: textOf(fieldOf(user, 'user', 'token'))
  }
  if (connection.server === '' || connection.token === '') throw new CliError(`${path} names no server and token. Start the laptop cluster anew, it writes the file`)
  return connection
}

export function createClient (connection: Connection): Client {
  const agent = new Agent({ keepAlive: true, ca: connection.ca, maxSockets: 16 })

  async function open (method: string, path: string, options: RequestOptions & { readonly signal?: AbortSignal }): Promise<IncomingMessage> {
    const url = new URL(path, connection.server)
    for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
    return await new Promise((resolve, reject) => {
      const request = httpsRequest(url, {
        method,
        agent,
        ...(options.signal !== undefined && { signal: options.signal }),
        headers: {
          accept: options.accept ?? 'application/json',
          authorization: `Bearer ${connection.token}`,
          'user-agent': 'bankinfo',
          ...(body !== undefined && { 'content-type': options.contentType ?? 'application/json', 'content-length': body.length })
        }
      }, resolve)
      request.on('error', (error) => { reject(unreachable(error)) })
      request.end(body)
    })
  }

  return {
    connection,
    async request (method, path, options = {}) {
      const response = await open(method, path, options)
      const body = parse(await readAll(response))
      if ((response.statusCode ?? 500) >= 400) throw new ApiFailure(body)
      const warnings = warningsOf(response)
      return warnings.length === 0 ? body : Object.defineProperty({ ...body }, warningsKey, { value: warnings, enumerable: false })
    },
    async stream (path, options = {}) {
      const response = await open('GET', path, options)
      if ((response.statusCode ?? 500) >= 400) throw new ApiFailure(parse(await readAll(response)))
      return response
    },
    close: () => { agent.destroy() }
  }
}

const warningsKey = Symbol('warnings')

/** What the API warned of when it answered with this object. */
export function warningsFor (answer: JsonRecord): readonly string[] {
  const warnings: unknown = Reflect.get(answer, warningsKey)
  return Array.isArray(warnings) ? warnings.map(String) : []
}

function warningsOf (response: IncomingMessage): readonly string[] {
  const header = response.headers.warning ?? ''
  return [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, text]) => String(JSON.parse(text ?? '""')))
}

function unreachable (error: Error): Error {
  if (!('code' in error)) return error
  if (error.code === 'ECONNREFUSED') return new CliError(notRunning)
  if (error.code === 'ECONNRESET') return new CliError('the laptop cluster ended the connection; is it stopping?')
  return error
}

export async function readAll (stream: AsyncIterable<Buffer | string>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

function parse (text: string): JsonRecord {
  const value: unknown = JSON.parse(text === '' ? '{}' : text)
  return isRecord(value) ? value : {}
}

function listOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
