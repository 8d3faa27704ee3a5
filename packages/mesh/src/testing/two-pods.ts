/** A mesh of one client and one server, or some, whose behaviour a test chooses. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createMesh, type Mesh, type OutboundListener } from '../mesh.ts'
import { createTelemetry, type Telemetry, type TelemetryOptions } from '../telemetry/telemetry.ts'
import type { AccessRecord } from '../access-log.ts'
import type { MeshState, Protocol, Resource, SocketAddress, Workload } from '../model.ts'

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** The connection was cut before the answer was whole. */
  readonly broken: boolean
}

export interface CallOptions {
  readonly method?: string
  readonly body?: Buffer
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
}

export interface TwoPods {
  readonly mesh: Mesh
  readonly proxy: OutboundListener
  readonly records: AccessRecord[]
  readonly telemetry: Telemetry
  readonly authorization: string
  /** Puts the server at `address`, or nowhere. */
  readonly cluster: (address: SocketAddress | undefined, options?: ClusterOptions) => Promise<void>
  /** Starts a server that ends with the test. */
  readonly serve: (server: Server | TcpServer) => Promise<SocketAddress>
  /** A server that answers the first bytes of every connection as it likes. */
  readonly serveBytes: (answer: (socket: Socket) => void) => Promise<SocketAddress>
  /** The options of a request to the server by way of the client's proxy. */
  readonly requestOptions: (options?: CallOptions) => RequestOptions
  readonly call: (options?: CallOptions) => Promise<Answer>
  /** A GET of any URL by way of the client's proxy. */
  readonly callUrl: (url: string) => Promise<Answer>
  /** Takes both pods away. */
  readonly empty: () => Promise<void>
  /** Code, flags and details of the log lines of one direction. */
  readonly log: (direction: AccessRecord['direction']) => Array<readonly [number, string, string | undefined]>
  readonly close: () => Promise<void>
}

export interface ClusterOptions {
  /** What the server's port says. */
  readonly protocol?: Protocol
  readonly kind?: Workload['kind']
  readonly clientKind?: Workload['kind']
  readonly rules?: readonly Resource[]
  /** More pods of the server's Service. */
  readonly others?: readonly SocketAddress[]
  /** Those of a pod whose statistics of clusters show, unless others are given. */
  readonly clientAnnotations?: Workload['annotations']
}

export async function startTwoPods (options: TelemetryOptions = {}): Promise<TwoPods> {
  const records: AccessRecord[] = []
  const telemetry = createTelemetry(options)
  const closing: Array<() => void> = []
  const mesh = createMesh({ external: () => undefined, telemetry, onAccess: (record) => { records.push(record) } })
  const proxy = await mesh.listenOutbound({ workload: 'default/client', password: 'secret' })
  const authorization = `Basic ${Buffer.from('client:secret').toString('base64')}`
  const serve = async (server: Server | TcpServer): Promise<SocketAddress> => {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    closing.push(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  }
  const requestOptions: TwoPods['requestOptions'] = ({ method = 'GET', path = '/', headers = {} } = {}) => ({
    host: proxy.host, port: proxy.port, method, path: `http://server${path}`, headers: { host: 'server', 'proxy-authorization': authorization, ...headers }, agent: false
  })
  return {
    mesh,
    proxy,
    records,
    telemetry,
    authorization,
    serve,
    requestOptions,
    serveBytes: async (answer) => await serve(createTcpServer((socket) => { socket.once('data', () => { answer(socket) }) })),
    cluster: async (address, options = {}) => { await mesh.update(stateOf(address, options)) },
    call: async (options = {}) => await send(requestOptions(options), options.body),
    callUrl: async (url) => await send({ ...requestOptions(), path: url, headers: { host: new URL(url).host, 'proxy-authorization': authorization } }),
    empty: async () => { await mesh.update({ ...stateOf(undefined, {}), workloads: [] }) },
    log: (direction) => records.filter((record) => record.direction === direction).map((record) => [record.responseCode, record.responseFlags, record.responseCodeDetails]),
    close: async () => {
      await mesh.close()
      for (const close of closing) close()
    }
  }
}

async function send (options: RequestOptions, body?: Buffer): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = []
      const end = (broken: boolean) => (): void => { resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks), broken }) }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', end(false))
      response.on('error', end(true))
    })
    request.on('error', reject)
    request.end(body)
  })
}

const showsClusters = { 'proxy.istio.io/config': '{"proxyStatsMatcher":{"inclusionPrefixes":["cluster.outbound"]}}' }

function stateOf (address: SocketAddress | undefined, { kind = 'sidecar', clientKind = 'sidecar', protocol = 'HTTP', rules = [], others = [], clientAnnotations = showsClusters }: ClusterOptions): MeshState {
  return {
    config: { domain: 'cluster.local', rootNamespace: 'istio-system', outboundTrafficPolicy: 'ALLOW_ANY' },
    namespaces: [{ name: 'default', labels: {} }],
    services: [{
      name: 'server', namespace: 'default', labels: {}, annotations: {}, clusterIP: '10.96.0.1', selector: { app: 'server' }, ports: [{ number: 80, name: 'http', protocol, targetPort: 8080 }]
    }],
    workloads: [
      { ...podOf('client', clientKind, []), annotations: clientAnnotations },
      podOf('server', kind, [{ containerPort: 8080, ...(address === undefined ? {} : { address }) }]),
      ...others.map((other, index) => ({ ...podOf('server', kind, [{ containerPort: 8080, address: other }]), id: `default/server-${index + 2}`, name: `server-${index + 2}`, ip: `10.44.0.${index + 3}` }))
    ],
    rules
  }
}

function podOf (name: string, kind: Workload['kind'], ports: Workload['ports']): Workload {
  return {
    id: `default/${name}`, name, namespace: 'default', kind, labels: { app: name }, annotations: {}, serviceAccount: 'default', ip: name === 'client' ? '10.44.0.1' : '10.44.0.2', ready: true, ports
  }
}

/** Waits for something that must come to pass. */
export async function until (holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it has not come to pass in 5 s')
    await pause(5)
  }
}
