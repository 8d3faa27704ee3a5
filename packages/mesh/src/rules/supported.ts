/**
 * What the mesh carries out, in one place: to enable a feature, add its line. A path stands for the field and all below it;
 * `[]` is any item of a list. Fields of Istio's that are not here are refused by name, never ignored.
 */
import { unknownVariable } from '../filters/headers/values.ts'

/** Of a traffic policy, and of its settings for a port. */
const policyBlocks = [
  'loadBalancer.simple',
  'loadBalancer.consistentHash',
  'loadBalancer.warmup',
  'loadBalancer.warmupDurationSecs',
  'connectionPool.tcp.connectTimeout',
  'connectionPool.tcp.idleTimeout',
  'connectionPool.tcp.maxConnectionDuration',
  'connectionPool.tcp.tcpKeepalive.time',
  'connectionPool.http.idleTimeout',
  'connectionPool.http.maxConcurrentStreams',
  'connectionPool.http.h2UpgradePolicy',
  'connectionPool.http.useClientProtocol',
  'connectionPool.tcp.maxConnections',
  'connectionPool.http.http1MaxPendingRequests',
  'connectionPool.http.http2MaxRequests',
  'connectionPool.http.maxRequestsPerConnection',
  'connectionPool.http.maxRetries',
  'outlierDetection.consecutive5xxErrors',
  // Warned about and without effect, as in today's Istio: where consecutive5xxErrors says nothing, five 5xx in a row count.
  'outlierDetection.consecutiveErrors',
  'outlierDetection.consecutiveGatewayErrors',
  'outlierDetection.splitExternalLocalOriginErrors',
  'outlierDetection.consecutiveLocalOriginFailures',
  'outlierDetection.interval',
  'outlierDetection.baseEjectionTime',
  'outlierDetection.maxEjectionPercent',
  'outlierDetection.minHealthPercent'
]

export const carriedOut: Readonly<Record<string, readonly string[]>> = {
  DestinationRule: [
    'host',
    'exportTo',
    'workloadSelector',
    'subsets[].name',
    'subsets[].labels',
    ...['trafficPolicy', 'subsets[].trafficPolicy'].flatMap((policy) => [
      `${policy}.portLevelSettings[].port`,
      ...[policy, `${policy}.portLevelSettings[]`].flatMap((blocks) => policyBlocks.map((block) => `${blocks}.${block}`))
    ])
  ],
  Gateway: [
    'selector',
    'servers[].name',
    'servers[].hosts',
    'servers[].port',
    'servers[].tls.httpsRedirect'
  ],
  ServiceEntry: [
    'hosts',
    'addresses',
    'ports',
    'location',
    'resolution',
    'endpoints[].address',
    'endpoints[].ports',
    'endpoints[].labels',
    'endpoints[].weight',
    'workloadSelector',
    'exportTo'
  ],
  Sidecar: [
    'workloadSelector',
    'egress[].hosts',
    'egress[].port',
    'outboundTrafficPolicy.mode',
    ...['tcp.maxConnections', 'http.http1MaxPendingRequests', 'http.http2MaxRequests', 'http.maxRequestsPerConnection', 'http.maxRetries'].map((limit) => `inboundConnectionPool.${limit}`)
  ],
  VirtualService: [
    'hosts',
    'gateways',
    'exportTo',
    'http[].name',
    'http[].match',
    'http[].route[].destination',
    'http[].route[].weight',
    'http[].route[].headers.request.remove',
    'http[].route[].headers.response.remove',
    'http[].headers.request.remove',
    'http[].headers.response.remove',
    'http[].rewrite',
    'http[].redirect',
    'http[].directResponse',
    'http[].corsPolicy',
    'http[].mirror',
    'http[].mirrors',
    'http[].mirrorPercentage',
    'http[].mirrorPercent',
    'http[].mirror_percent',
    'http[].fault.delay.fixedDelay',
    'http[].fault.delay.percentage',
    'http[].fault.delay.percent',
    'http[].fault.abort.httpStatus',
    'http[].fault.abort.grpcStatus',
    'http[].fault.abort.percentage',
    'http[].timeout',
    'http[].delegate',
    'http[].retries'
  ]
}

/** Fields of which only some values are carried out. Case does not count. */
export const carriedOutValues: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Gateway: {
    'servers[].port.protocol': ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB']
  },
  ServiceEntry: {
    resolution: ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN']
  }
}

/** Texts that must be looked into; any name of a map is `*`. */
export const carriedOutTexts: Readonly<Record<string, Readonly<Record<string, (text: string) => string | undefined>>>> = {
  VirtualService: Object.fromEntries(['http[].headers', 'http[].route[].headers'].flatMap((headers) =>
    ['request', 'response'].flatMap((message) => ['set', 'add'].map((operation) => [`${headers}.${message}.${operation}.*`, unknownVariable]))))
}
