/**
 * The labels of Istio's standard metrics. On the laptop no connection between proxies is encrypted, and the labels say so: no principals,
 * security policy `none` at the server (a caller's proxy always says `unknown`).
 * https://istio.io/latest/docs/reference/config/metrics/#labels
 */
import { identityOf, serviceOf, unknown, type Identity, type ServiceIdentity } from '../identity.ts'
import type { AccessRecord } from '../../access-log.ts'
import type { Registry } from '../../compile/registry.ts'

export type Labels = Readonly<Record<string, string>>

/** Caller, server and service of a request, by the line that one of the proxies wrote. */
export interface Parties {
  readonly reporter: 'source' | 'destination'
  readonly source: Identity
  readonly destination: Identity
  readonly service: ServiceIdentity
}

export function partiesOf (registry: Registry, record: AccessRecord): Parties {
  const own = registry.workloadById.get(record.proxy)
  const other = record.peer === undefined ? undefined : registry.workloadById.get(record.peer)
  const inbound = record.direction === 'inbound'
  return {
    reporter: inbound ? 'destination' : 'source',
    // A caller without a proxy is a stranger to the server's.
    source: identityOf(inbound ? (other?.kind === 'plain' ? undefined : other) : own),
    destination: identityOf(inbound ? own : other),
    service: calledService(registry, record)
  }
}

/** Labels of istio_requests_total and of the histograms beside it, in Istio's order. */
export function labelsOf ({ reporter, source, destination, service }: Parties, record: AccessRecord): Labels {
  return {
    reporter,
    source_workload: source.workload,
    source_canonical_service: source.canonicalService,
    source_canonical_revision: source.canonicalRevision,
    source_workload_namespace: source.namespace,
    source_principal: unknown,
    source_app: source.app,
    source_version: source.version,
    source_cluster: source.cluster,
    destination_workload: destination.workload,
    destination_workload_namespace: destination.namespace,
    destination_principal: unknown,
    destination_app: destination.app,
    destination_version: destination.version,
    destination_service: service.host,
    destination_canonical_service: destination.canonicalService,
    destination_canonical_revision: destination.canonicalRevision,
    destination_service_name: service.name,
    destination_service_namespace: service.namespace === unknown ? destination.namespace : service.namespace,
    destination_cluster: destination.cluster,
    request_protocol: record.grpc === true ? 'grpc' : 'http',
    response_code: String(record.responseCode),
    grpc_response_status: record.grpcStatus === undefined ? '' : String(record.grpcStatus),
    response_flags: record.responseFlags,
    connection_security_policy: reporter === 'source' ? unknown : 'none'
  }
}

/** Catch-all routes and clusters are services of their own in Istio's metrics. */
const catchAlls: Readonly<Record<string, string>> = {
  block_all: 'BlackHoleCluster', BlackHoleCluster: 'BlackHoleCluster', allow_any: 'PassthroughCluster', PassthroughCluster: 'PassthroughCluster'
}

function calledService (registry: Registry, record: AccessRecord): ServiceIdentity {
  const { upstreamCluster, operation, direction, routeName, authority } = record
  // `reviews.default.svc.cluster.local:9080/*`
  if (direction === 'inbound') {
    return operation === undefined ? noService : serviceOf(registry, operation.slice(0, operation.indexOf(':')))
  }
  if (upstreamCluster?.startsWith('outbound|') === true) return serviceOf(registry, upstreamCluster.slice(upstreamCluster.lastIndexOf('|') + 1))
  const name = catchAlls[upstreamCluster ?? ''] ?? catchAlls[routeName ?? '']
  const host = authority === undefined || authority === '' ? unknown : authority
  return { host, name: name ?? (host === unknown ? unknown : host.replace(/[.:].*$/, '')), namespace: unknown }
}

const noService: ServiceIdentity = { host: unknown, name: unknown, namespace: unknown }
