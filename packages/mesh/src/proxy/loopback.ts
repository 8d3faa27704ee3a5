/** `localhost` in a pod: the pod's own ports, and its sidecar's. Nothing else of this machine's loopback is reachable. */
import { Exchange } from '../http/exchange.ts'
import { reply } from '../http/downstream.ts'
import type { ProxyContext } from './context.ts'
import type { Call } from './sidecar.ts'
import type { SocketAddress, Workload } from '../model.ts'

/** https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const sidecarPorts = new Set([15000, 15020, 15021, 15090])

export function isSidecarPort (workload: Workload, port: number): boolean {
  return workload.kind !== 'plain' && sidecarPorts.has(port)
}

/** Where the own container listens on a port. */
export function ownPort (workload: Workload, port: number): SocketAddress | undefined {
  return workload.ports.find(({ containerPort }) => containerPort === port)?.address
}

/** Answers, or says false where a closed port would refuse. */
export function serveLoopback (call: Call, context: ProxyContext, workload: Workload): boolean {
  const { port } = call.target
  if (isSidecarPort(workload, port)) {
    serveAdmin(call, context, workload)
    return true
  }
  const address = ownPort(workload, port)
  if (address === undefined) return false
  const { request, response, head, fields, target } = call
  new Exchange({ context, character: { server: undefined, edge: false, direction: 'none' }, request, response, head, fields, destination: target })
    .forwardTo({ virtual: `127.0.0.1:${port}`, workload, address }, undefined)
  return true
}

function serveAdmin ({ response, head, target, request }: Call, context: ProxyContext, workload: Workload): void {
  request.resume()
  const path = head.path.split('?')[0] ?? '/'
  const answer = admin(path, target.port, context, workload)
  if (answer === undefined) reply(response, 404, 'invalid path. admin commands are /ready, /stats, /clusters, /server_info\n', { server: 'envoy' })
  else reply(response, 200, answer, { server: 'envoy' })
}

function admin (path: string, port: number, context: ProxyContext, workload: Workload): string | undefined {
  if (port === 15021 || port === 15020) {
    if (path === '/healthz/ready') return ''
    if (port === 15021) return undefined
  }
  switch (path) {
    case '/ready': return port === 15000 ? 'LIVE\n' : undefined
    case '/server_info': return port === 15000 ? `${JSON.stringify({ version: 'bankinfo', state: 'LIVE', node: { id: `sidecar~${workload.ip}~${workload.name}.${workload.namespace}` } }, undefined, 1)}\n` : undefined
    case '/stats': return port === 15000 ? statistics(context).map(([name, value]) => `${name}: ${value}\n`).join('') : undefined
    case '/stats/prometheus': return statistics(context).map(([name, value]) => `${`envoy_${name}`.replace(/[^a-zA-Z0-9_]/g, '_')} ${value}\n`).join('')
    case '/clusters': return port === 15000
      ? context.clusters().flatMap(({ cluster, hosts }) => hosts.flatMap(({ endpoint, active, total }) => [
          `${cluster.name}::${endpoint.address}:${endpoint.port}::rq_active::${active}\n`, `${cluster.name}::${endpoint.address}:${endpoint.port}::rq_total::${total}\n`
      ])).join('')
      : undefined
    default: return undefined
  }
}

function statistics (context: ProxyContext): Array<[string, number]> {
  const clusters = context.clusters()
  const hosts = clusters.flatMap((pool) => pool.hosts)
  return [
    // Envoy ends a cluster's name with a semicolon where Istio has given it a name for statistics.
    ...context.statistics().flatMap(({ cluster, values }) => values.map(([name, value]): [string, number] => [`cluster.${cluster};.${name}`, value])),
    ['cluster_manager.active_clusters', clusters.length],
    ['cluster_manager.upstream_rq_active', hosts.reduce((sum, { active }) => sum + active, 0)],
    ['cluster_manager.upstream_rq_total', hosts.reduce((sum, { total }) => sum + total, 0)],
    ['server.live', 1],
    ['server.state', 0]
  ]
}
