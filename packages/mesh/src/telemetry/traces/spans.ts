/**
 * Spans from what the proxies wrote, in the terms of Istio's: one of the caller's proxy for each call, one of the server's for each attempt
 * that reached it. A server's span belongs to the call with the same number; a call belongs to the span of its own server that was open
 * when it began.
 */
import { identityOf, type Identity } from '../identity.ts'
import { parseTraceParent, traceIdOf } from './trace-context.ts'
import type { AccessRecord, Try } from '../../access-log.ts'
import type { KeptTrace } from './trace-store.ts'
import type { Registry } from '../../compile/registry.ts'

export interface Span {
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: 'client' | 'server'
  /** `productpage.default`, as Istio's proxies name themselves. */
  readonly service: string
  /** `addedvalues.default.svc.cluster.local:9080/*` */
  readonly operation: string
  /** Milliseconds since the epoch. */
  readonly startTime: number
  /** Milliseconds. */
  readonly duration: number
  readonly error: boolean
  /** Istio's tags, and those of a fault. */
  readonly tags: Readonly<Record<string, string>>
  /** Every attempt, where there was more than one. */
  readonly tries?: readonly Try[]
}

export interface Trace {
  readonly traceId: string
  readonly requestId: string
  /** By start; a parent stands before its children. */
  readonly spans: readonly Span[]
  /** Spans that were too many. */
  readonly lost: number
}

/** What is told of a trace in a list. */
export interface TraceSummary {
  readonly traceId: string
  readonly requestId: string
  readonly startTime: number
  /** Milliseconds. */
  readonly duration: number
  readonly spans: number
  readonly errors: number
  /** Service and operation of the first span. */
  readonly root: string
  readonly method: string
  readonly path: string
  readonly status: string
}

export function traceOf ({ requestId, records, lost }: KeptTrace, registry: Registry): Trace {
  const traceId = traceIdFor(requestId, records)
  const sorted = records.toSorted((a, b) => a.startTime - b.startTime || (a.call ?? 0) - (b.call ?? 0) || sideOf(a) - sideOf(b))
  const ids = new Map(sorted.map((record, index) => [record, record.span?.spanId ?? (index + 1).toString(16).padStart(16, '0')]))
  const spans = sorted.map((record) => {
    const parent = parentOf(record, sorted)
    return spanOf(record, { traceId, spanId: ids.get(record) ?? '', parentSpanId: parent === undefined ? record.span?.parentSpanId : ids.get(parent), registry })
  })
  return { traceId, requestId, spans: parentsFirst(spans), lost }
}

/** Of one hop the caller comes first. */
function sideOf ({ direction }: AccessRecord): number {
  return direction === 'inbound' ? 1 : 0
}

function traceIdFor (requestId: string, records: readonly AccessRecord[]): string {
  const given = records.find(({ traceParent }) => traceParent !== undefined)?.traceParent
  return records.find(({ span }) => span !== undefined)?.span?.traceId ?? (given === undefined ? undefined : parseTraceParent(given)?.traceId) ?? traceIdOf(requestId)
}

/** Calls are numbered as they begin, so a caller's number is always the lower one, whatever the clock says of one millisecond. */
function parentOf (record: AccessRecord, all: readonly AccessRecord[]): AccessRecord | undefined {
  const { call = 0, direction, proxy, startTime } = record
  if (direction === 'inbound') return all.find((other) => other.call === record.call && other.direction !== 'inbound')
  const before = all.filter((other) => (other.call ?? 0) < call && (other.direction === 'inbound' ? other.proxy === proxy : direction === 'gateway' && other.peer === proxy))
  // A call that an application makes after its answer belongs to the request all the same.
  return before.filter((other) => startTime <= other.startTime + other.duration).at(-1) ?? before.at(-1)
}

export interface SpanPlace {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string | undefined
  readonly registry: Registry
}

/** https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/ */
export function spanOf (record: AccessRecord, { traceId, spanId, parentSpanId, registry }: SpanPlace): Span {
  const workload = registry.workloadById.get(record.proxy)
  const identity = workload === undefined ? unregistered(record.proxy) : identityOf(workload)
  const error = record.responseCode === 0 || record.responseCode >= 500
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    kind: record.direction === 'inbound' ? 'server' : 'client',
    service: `${identity.canonicalService}.${identity.namespace}`,
    operation: record.operation ?? record.authority ?? '',
    startTime: record.startTime,
    duration: record.duration,
    error,
    tags: tagsOf(record, { identity, ip: workload?.ip ?? '', kind: workload?.kind, error }),
    ...(record.tries === undefined ? {} : { tries: record.tries })
  }
}

/** Of a pod that is gone no more than its name is known. */
function unregistered (id: string): Pick<Identity, 'canonicalService' | 'canonicalRevision' | 'namespace' | 'workload'> {
  const [namespace = '', name = ''] = id.split('/')
  return { canonicalService: name, canonicalRevision: '', namespace, workload: name }
}

interface Place {
  readonly identity: Pick<Identity, 'canonicalService' | 'canonicalRevision' | 'namespace' | 'workload'>
  readonly ip: string
  readonly kind: string | undefined
  readonly error: boolean
}

/** Envoy's tags, Istio's own, and `fault.delay` for what a rule has put in. */
function tagsOf (record: AccessRecord, { identity, ip, kind, error }: Place): Record<string, string> {
  const [, pod = ''] = record.proxy.split('/')
  const tags: Record<string, string | undefined> = {
    component: 'proxy',
    node_id: `${kind === 'gateway' ? 'router' : 'sidecar'}~${ip}~${pod}.${identity.namespace}~${identity.namespace}.svc.cluster.local`,
    'guid:x-request-id': record.requestId,
    'http.url': `http://${record.authority ?? ''}${record.path ?? ''}`,
    'http.method': record.method,
    'http.protocol': record.protocol,
    'http.status_code': String(record.responseCode),
    downstream_cluster: '-',
    user_agent: record.userAgent ?? '-',
    request_size: String(record.bytesReceived),
    response_size: String(record.bytesSent),
    response_flags: record.responseFlags,
    upstream_cluster: record.upstreamCluster,
    'upstream_cluster.name': record.upstreamCluster,
    'peer.address': record.upstreamHost,
    error: error ? 'true' : undefined,
    'grpc.status_code': record.grpcStatus === undefined ? undefined : String(record.grpcStatus),
    'istio.mesh_id': 'cluster.local',
    'istio.cluster_id': 'Kubernetes',
    'istio.namespace': identity.namespace,
    'istio.canonical_service': identity.canonicalService,
    'istio.canonical_revision': identity.canonicalRevision,
    'fault.delay': record.injectedDelay === undefined ? undefined : `${record.injectedDelay}ms`
  }
  return Object.fromEntries(Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function parentsFirst (spans: readonly Span[]): Span[] {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const children = new Map<string | undefined, Span[]>()
  for (const span of spans) {
    const parent = span.parentSpanId !== undefined && known.has(span.parentSpanId) ? span.parentSpanId : undefined
    children.set(parent, [...children.get(parent) ?? [], span])
  }
  const ordered: Span[] = []
  const visit = (parent: string | undefined): void => {
    for (const span of children.get(parent) ?? []) {
      ordered.push(span)
      visit(span.spanId)
    }
  }
  visit(undefined)
  return ordered
}

export function summaryOf (trace: Trace): TraceSummary {
  const { traceId, requestId, spans } = trace
  const [first] = spans
  const startTime = first?.startTime ?? 0
  return {
    traceId,
    requestId,
    startTime,
    duration: Math.max(0, ...spans.map((span) => span.startTime + span.duration - startTime)),
    spans: spans.length,
    errors: spans.filter(({ error }) => error).length,
    root: `${first?.service ?? ''} ${first?.operation ?? ''}`,
    method: first?.tags['http.method'] ?? '',
    path: (first?.tags['http.url'] ?? '').replace(/^http:\/\/[^/]*/, ''),
    status: first?.tags['http.status_code'] ?? ''
  }
}
