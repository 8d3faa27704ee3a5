/** CONNECT: what flows inside is read as the destination's port says, HTTP, TLS by its server name, or bytes. */
import { relay } from './relay.ts'
import { endWith } from '../proxy/listener.ts'
import { isSidecarPort, ownPort } from '../proxy/loopback.ts'
import { pickHost } from '../upstream/balancer.ts'
import { tcpTarget } from '../proxy/sidecar.ts'
import type { Target } from '../proxy/target.ts'
import { readServerName } from './server-name.ts'
import type { Side } from '../proxy/outbound-listener.ts'
import type { Peer } from '../upstream/directory.ts'
import type { TcpTarget } from '../table.ts'
import type { Socket } from 'node:net'

interface Tunnel {
  readonly socket: Socket
  readonly head: Buffer
  readonly target: Target
  readonly side: Side
}

/** Answers a CONNECT. `asHttp` takes the socket over where HTTP is spoken inside. */
export function openTunnel (tunnel: Tunnel, asHttp: () => void): void {
  const { socket, target, side } = tunnel
  socket.on('error', () => { socket.destroy() })
  const http = (): void => {
    establish(tunnel)
    asHttp()
  }
  if (target.loopback) {
    openLoopback(tunnel, http)
    return
  }
  const { table, context } = side
  if (table === undefined) {
    openToPeer(tunnel, { cluster: undefined, http })
    return
  }
  const found = tcpTarget(context, table, target)
  if (found === undefined) {
    http()
  } else if (found.kind !== 'cluster' && table.isTls(target.port)) {
    establish(tunnel)
    readServerName(socket, (sni) => { openTcp(tunnel, tcpTarget(context, table, target, sni) ?? found, { http, sni }) })
  } else {
    openTcp(tunnel, found, { http, sni: undefined })
  }
}

function openLoopback (tunnel: Tunnel, http: () => void): void {
  const { socket, target, side: { workload } } = tunnel
  const address = workload === undefined ? undefined : ownPort(workload, target.port)
  if (workload !== undefined && isSidecarPort(workload, target.port)) http()
  else if (address === undefined) socket.resetAndDestroy()
  else {
    establish(tunnel)
    relay(socket, address, () => {})
  }
}

function openTcp (tunnel: Tunnel, found: TcpTarget, { http, sni }: { http: () => void, sni: string | undefined }): void {
  const { side: { context, table }, socket } = tunnel
  switch (found.kind) {
    case 'passthrough':
      openToPeer(tunnel, { cluster: 'PassthroughCluster', http, sni })
      return
    case 'blackhole':
      // A sidecar accepts the connection before it knows better, then closes it.
      establish(tunnel)
      record(tunnel, { flags: 'UH', cluster: 'BlackHoleCluster', sni })
      socket.end()
      socket.resume()
      return
    case 'cluster': {
      const cluster = table?.cluster(found.cluster)
      const host = cluster === undefined ? undefined : pickHost(context.poolFor(cluster), [], context)
      if (cluster?.discovery === 'ORIGINAL_DST') {
        openToPeer(tunnel, { cluster: found.cluster, http, sni })
      } else if (host === undefined) {
        establish(tunnel)
        record(tunnel, { flags: cluster === undefined ? 'NC' : 'UH', cluster: found.cluster, sni })
        socket.end()
        socket.resume()
      } else {
        const peer = context.directory.dial(host.endpoint.address, host.endpoint.port, context.namespace)
        Promise.resolve(peer).then((found) => { openRelay(tunnel, found, { cluster: cluster?.name, sni }) }, () => { socket.destroy() })
      }
    }
  }
}

function openToPeer (tunnel: Tunnel, { cluster, http, sni }: { cluster: string | undefined, http: () => void, sni?: string | undefined }): void {
  const { side: { context }, target } = tunnel
  Promise.resolve(context.directory.dial(target.host, target.port, context.namespace)).then((peer) => {
    if (peer?.inbound?.http === true) http()
    else openRelay(tunnel, peer, { cluster, sni })
  }, () => { tunnel.socket.destroy() })
}

function openRelay (tunnel: Tunnel, peer: Peer | undefined, { cluster, sni }: { cluster: string | undefined, sni?: string | undefined }): void {
  const { socket } = tunnel
  if (socket.destroyed) return
  if (peer === undefined && !established.has(socket)) {
    endWith(socket, 503, 'DNS resolution failure')
    return
  }
  const address = peer?.address
  if (address === undefined) {
    record(tunnel, { flags: 'UF', cluster, sni, peer })
    // A sidecar has accepted the connection before it finds that nobody is there; without one it is refused.
    if (tunnel.side.table === undefined) {
      socket.resetAndDestroy()
    } else {
      establish(tunnel)
      socket.end()
      socket.resume()
    }
    return
  }
  establish(tunnel)
  relay(socket, address, ({ connected, bytesReceived, bytesSent }) => {
    record(tunnel, { flags: connected ? '-' : 'UF', cluster, sni, peer, bytesReceived, bytesSent })
  })
}

const established = new WeakSet<Socket>()

function establish ({ socket, head }: Tunnel): void {
  if (established.has(socket)) return
  established.add(socket)
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  if (head.length > 0) socket.unshift(head)
}

interface Connection {
  readonly flags: string
  readonly cluster: string | undefined
  readonly sni?: string | undefined
  readonly peer?: Peer | undefined
  readonly bytesReceived?: number
  readonly bytesSent?: number
}

const startTimes = new WeakMap<Socket, number>()

function record ({ side: { context, table }, socket, target }: Tunnel, connection: Connection): void {
  if (context.onAccess === undefined || table === undefined) return
  const now = context.clock()
  context.onAccess({
    proxy: context.workload,
    direction: 'outbound',
    startTime: startTimes.get(socket) ?? now,
    responseCode: 0,
    responseFlags: connection.flags,
    bytesReceived: connection.bytesReceived ?? 0,
    bytesSent: connection.bytesSent ?? 0,
    duration: Math.round(now - (startTimes.get(socket) ?? now)),
    ...(connection.peer === undefined ? {} : { upstreamHost: connection.peer.virtual }),
    ...(connection.cluster === undefined ? {} : { upstreamCluster: connection.cluster }),
    downstreamLocalAddress: context.addressOf(target),
    downstreamRemoteAddress: `${context.ip}:${socket.remotePort ?? 0}`,
    ...(connection.sni === undefined ? {} : { requestedServerName: connection.sni }),
    attempts: connection.peer === undefined ? 0 : 1
  })
}
