/** What tests of the API and the command line share: a server on a free port, with pods that answer what they were asked. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { ensureCertificates } from '../api/certificates.ts'
import { ensureToken, writeKubeconfig } from '../api/credentials.ts'
import type { ExecRequest, NodeAgent } from '../api/node-agent.ts'
import { createApiServer } from '../api/server.ts'
import type { TrafficTelemetry } from '../api/telemetry/routes.ts'
import { createClient, type Client } from '../cli/client.ts'
import { runCli } from '../cli/run.ts'
import { openStore, type Store } from '../store/store.ts'

export interface TestApi {
  readonly app: FastifyInstance
  readonly store: Store
  readonly client: Client
  readonly directory: string
  readonly port: number
  readonly token: string
  /** How often the mesh was told of a change. */
  readonly changes: () => number
  /** Runs a command line against the server. */
  readonly bankinfo: (line: string | readonly string[], input?: string) => Promise<CliResult>
  readonly close: () => Promise<void>
}

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Starts a server over an empty store with the namespaces `default` and `istio-system`. */
export async function startTestApi (): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'bankinfo-api-'))
  const store = await openStore({ directory })
  const [tls, token] = await Promise.all([ensureCertificates(directory), ensureToken(directory)])
  let changes = 0
  const app = await createApiServer({
    store,
    token,
    tls,
    node: echoingNode,
    onRuleChange: async () => { changes += 1 },
    telemetry: knownTraffic,
    explain: (query) => {
      if (query.from === 'nobody') throw new Error('no workload is called nobody')
      return { explanation: { asked: query }, text: `${query.method ?? ''} ${query.url}` }
    }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  await writeKubeconfig(directory, { port, ca: tls.ca, token })
  for (const name of ['default', 'istio-system']) {
    await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'kubernetes.io/metadata.name': name } }, status: { phase: 'Active' } })
  }
  const client = createClient({ server: `https://127.0.0.1:${port}`, ca: tls.ca, token })
  return {
    app,
    store,
    client,
    directory,
    port,
    token,
    changes: () => changes,
    bankinfo: (line, input = '') => run(directory, typeof line === 'string' ? line.split(' ') : line, input),
    close: async () => {
      client.close()
      await app.close()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    }
  }
}

const client = { name: 'client', namespace: 'default', kind: 'mesh' } as const
const requestId = '1ca7dc8a-d996-4d94-b8fc-09132eb845f8'
const traceId = '1ca7dc8ad9964d94b8fc09132eb845f8'

/** One edge and one trace. */
const knownTraffic: TrafficTelemetry = {
  graph: (window) => ({
    window: window / 1000,
    edges: [{ from: client, to: { name: 'web', version: 'v1', namespace: 'default', kind: 'mesh' }, service: 'web.default.svc.cluster.local', protocol: 'http', requests: 12, rate: 0.2, errors: 0.25, faults: 0, p50: 3, p99: 40 }]
  }),
  traces: () => [{ traceId, requestId, startTime: 0, duration: 5, spans: 1, errors: 0, root: 'client.default web.default.svc.cluster.local:80/*', method: 'GET', path: '/', status: '200' }],
  trace: (id) => id !== requestId
    ? undefined
    : {
        traceId,
        requestId,
        lost: 0,
        spans: [{ traceId, spanId: '0000000000000001', kind: 'client', service: 'client.default', operation: 'web.default.svc.cluster.local:80/*', startTime: 0, duration: 5, error: false, tags: { 'http.method': 'GET', 'http.url': 'http://web/', 'http.status_code': '200', response_flags: '-' } }]
      }
}

async function run (directory: string, argv: readonly string[], input: string): Promise<CliResult> {
  const [stdout, stderr] = [collect(), collect()]
  const stdin = new PassThrough()
  stdin.end(input)
  const code = await runCli(argv, { env: { BANKINFO_HOME: directory, HOME: directory }, stdin, stdout: stdout.stream, stderr: stderr.stream })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collect (): { readonly stream: Writable, readonly text: () => string } {
  const pieces: Buffer[] = []
  const stream = new Writable({
    write (piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    }
  })
  return { stream, text: () => Buffer.concat(pieces).toString('utf8') }
}

/** `exit N` ends with N, `cat` gives its input back, everything else is written out as it came. */
async function execute ({ command, container, stdin, stdout, stderr }: ExecRequest): Promise<{ exitCode: number }> {
  const [program, ...args] = command
  if (program === 'missing') throw new Error('exec: "missing": executable file not found in $PATH')
  if (program === 'cat' && stdin !== undefined) {
    for await (const piece of stdin) await write(stdout, Buffer.from(piece))
  } else await write(stdout, Buffer.from(`${container ?? ''}: ${command.join(' ')}\n`))
  if (program === 'exit') await write(stderr, Buffer.from('leaving\n'))
  return { exitCode: program === 'exit' ? Number(args[0]) : 0 }
}

async function write (stream: Writable, data: Buffer): Promise<void> {
  await new Promise<void>((resolve) => { stream.write(data, () => { resolve() }) })
}

/** The only port of a pod that something listens on: it gives back what it gets, once that is whole. */
export const echoPort = 7

async function connectToEcho (): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    server.close()
    socket.pipe(socket)
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const echoingNode: NodeAgent = {
  async * logs ({ pod, container, tailLines = 3, previous, follow }) {
    // One that is followed may be silent for a while, longer than its reader waits for the first line.
    if (follow === true) await new Promise((resolve) => { setTimeout(resolve, 200) })
    if (previous === true) throw new Error(`previous terminated container "${container ?? ''}" in pod "${pod}" not found`)
    for (let line = 4 - tailLines; line <= 3; line += 1) yield Buffer.from(`${pod} ${container ?? ''} line ${line}\n`)
  },
  exec: execute,
  portForward: async ({ port }) => {
    if (port !== echoPort) throw new Error('nothing listens')
    return await connectToEcho()
  }
}
