/**
 * The servers of the measured base: they answer with their name and what they saw, and misbehave as the query asks:
 * `status`, `delay` (seconds), `reset`, `seq` (statuses in turn), `rh` (a response header), `on` (only this pod does it).
 */
import { createServer } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import type { Seen } from './case.ts'
import type { SocketAddress } from '../model.ts'

export interface BackendIdentity {
  readonly pod: string
  readonly version: string
}

export interface Backend {
  readonly address: SocketAddress
  readonly seen: Seen[]
  readonly close: () => Promise<void>
}

/** A run's own requests carry this field; whoever else knocks at the port is not heard then, and what servers tell leaves it out. */
export const mark = 'x-conformance-run'

export async function startHttpBackend (identity: BackendIdentity, run?: string): Promise<Backend> {
  const seen: Seen[] = []
  const turns = new Map<string, number>()
  const server = createServer((request, response) => {
    if (run !== undefined && request.headers[mark] !== run) {
      request.socket.destroy()
      return
    }
    const path = request.url ?? '/'
    const query = new URL(path, 'http://backend').searchParams
    const headers: Array<[string, string]> = []
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index] ?? ''
      if (name.toLowerCase() !== mark) headers.push([name, request.rawHeaders[index + 1] ?? ''])
    }
    seen.push({ pod: identity.pod, method: request.method ?? '', path, headers })
    request.resume()
    const concerned = !query.has('on') || query.get('on') === identity.pod
    if (concerned && query.get('reset') === '1') {
      request.socket.resetAndDestroy()
      return
    }
    const answer = (): void => {
      const body = Buffer.from(describe(identity, { method: request.method ?? '', path, host: request.headers.host ?? '' }))
      const fields: Record<string, string> = { 'content-type': 'application/json' }
      const extra = query.get('rh')?.split(':')
      if (extra?.[0] !== undefined) fields[extra[0]] = extra.slice(1).join(':')
      response.writeHead(concerned ? status(query, path, turns) : 200, { ...fields, 'content-length': body.length })
      response.end(body)
    }
    const delay = concerned ? Number(query.get('delay') ?? 0) * 1000 : 0
    if (delay > 0) {
      const timer = setTimeout(answer, delay)
      response.on('close', () => { clearTimeout(timer) })
    } else {
      answer()
    }
  })
  return await started(server, seen)
}

/** Says its name and then what it hears. */
export async function startTcpBackend (identity: BackendIdentity): Promise<Backend> {
  const seen: Seen[] = []
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      seen.push({ pod: identity.pod, method: 'TCP', path: '', headers: [] })
      socket.write(`${identity.pod} ${chunk.toString('latin1')}`)
    })
  })
  return await started(server, seen)
}

async function started (server: Server, seen: Seen[]): Promise<Backend> {
  const sockets = new Set<{ destroy: () => void }>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => { sockets.delete(socket) })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const bound = server.address()
  return {
    address: { host: '127.0.0.1', port: typeof bound === 'object' && bound !== null ? bound.port : 0 },
    seen,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => { resolve() })
        for (const socket of sockets) socket.destroy()
      })
    }
  }
}

/** The measured servers' JSON, blanks included: bodies are compared byte by byte. */
function describe ({ pod, version }: BackendIdentity, { method, path, host }: { method: string, path: string, host: string }): string {
  const members = Object.entries({ pod, version, method, path, host }).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
  return `{${members.join(', ')}, "tls": false}`
}

function status (query: URLSearchParams, path: string, turns: Map<string, number>): number {
  const sequence = query.get('seq')?.split(',').map(Number)
  if (sequence === undefined) return Number(query.get('status') ?? 200)
  const turn = turns.get(path) ?? 0
  turns.set(path, turn + 1)
  return sequence[turn % sequence.length] ?? 200
}
