/** Where a request comes in, and what decides there: the same tables and look-ups as on the live path. */
import { tcpTarget } from '../proxy/sidecar.ts'
import { parseAbsoluteForm, type Target } from '../proxy/target.ts'
import type { RequestHead } from '../decide/match.ts'
import type { ExplainRequest } from '../mesh.ts'
import type { Workload } from '../model.ts'
import type { Runtime } from '../proxy/runtime.ts'
import type { OutboundTable } from '../compile/outbound.ts'
import type { Cluster, TcpTarget, VirtualHost } from '../table.ts'

export interface Entrance {
  readonly workload: Workload
  readonly head: RequestHead
  readonly target: Target
}

export type Way = Entrance & (
  /** No Gateway opens the port. */
  | { readonly kind: 'closed' }
  /** The pod has no proxy. */
  | { readonly kind: 'plain' }
  /** The proxy sees only bytes. */
  | { readonly kind: 'tcp', readonly tcp: TcpTarget, readonly table: OutboundTable }
  | {
    readonly kind: 'http'
    readonly host: VirtualHost
    /** The port that the rules see. */
    readonly port: number
    readonly cluster: (name: string) => Cluster | undefined
    /** Absent at a gateway. */
    readonly table?: OutboundTable
  }
)

/** @throws Error when the URL is none, or nobody is called so */
export function findWay (request: ExplainRequest, runtime: Runtime): Way {
  const url = parseAbsoluteForm(request.url)
  if (url === undefined) throw new Error(`explain: expected a URL like http://reviews:9080/path, got ${JSON.stringify(request.url)}`)
  const workload = callerOf(request.from, runtime)
  const given = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const authority = given.find(([name]) => name === 'host')?.[1] ?? url.authority
  const head: RequestHead = {
    method: request.method ?? 'GET',
    path: url.path,
    authority,
    scheme: 'http',
    headers: ['host', authority, ...given.filter(([name]) => name !== 'host').flat()]
  }
  const entrance = { workload, head, target: url.target }
  if (workload.kind === 'gateway') {
    const table = runtime.gatewaySide(workload.id)?.table
    // The laptop opens a port below 1024 at 8000 more.
    const port = table?.ports.find((candidate) => candidate === url.target.port) ?? table?.ports.find((candidate) => candidate === url.target.port - 8000)
    if (table === undefined || port === undefined) return { ...entrance, kind: 'closed' }
    return { ...entrance, kind: 'http', host: table.virtualHost(port, authority), port, cluster: table.cluster }
  }
  const { context, table } = runtime.side(workload.id, 'app')
  if (table === undefined) return { ...entrance, kind: 'plain' }
  const tcp = tcpTarget(context, table, url.target)
  if (tcp !== undefined) return { ...entrance, kind: 'tcp', tcp, table }
  return { ...entrance, kind: 'http', host: table.virtualHost(url.target.port, authority), port: url.target.port, cluster: table.cluster, table }
}

function callerOf (from: string | undefined, runtime: Runtime): Workload {
  const { state: { workloads } } = runtime.registry()
  const found = from === 'outside'
    ? workloads.find(({ kind }) => kind === 'gateway')
    : from === undefined
      ? workloads.find(({ kind, namespace }) => kind === 'sidecar' && namespace === 'default') ?? workloads.find(({ kind }) => kind === 'sidecar')
      : workloads.find(({ id, name, labels }) => id === from || name === from || labels['app'] === from)
  if (found === undefined) {
    throw new Error(`explain: no workload ${from ?? 'with a sidecar'}; known are ${workloads.map(({ id }) => id).join(', ') || 'none'}`)
  }
  return found
}
