/**
 * What the package's types cannot say, or do not know yet, about the fields of Istio's API: formats and ranges of numbers,
 * lengths, checks across fields, and the fields and values that came after the Istio it was made from (1.18) up to 1.31.
 * Source: Istio's API reference (https://istio.io/latest/docs/reference/config/networking/) and its CRDs.
 */

const text = { type: 'string' }
const texts = { type: 'array', items: text }
const double = { type: 'number', format: 'double' }
const int32 = { type: 'integer', format: 'int32' }
const uint32 = { type: 'integer', minimum: 0, maximum: 4294967295 }
const uint64 = { type: 'integer', minimum: 0 }
const duration = { type: 'string', checks: ['duration'] }
const object = (properties, more = {}) => ({ type: 'object', properties, ...more })

const destination = object({ host: text, port: object({ number: uint32 }), subset: text }, { required: ['host'] })
const tlsCertificates = {
  type: 'array',
  minItems: 1,
  maxItems: 2,
  items: object({ caCertificates: text, privateKey: text, serverCertificate: text })
}
const serverTlsFields = { caCertCredentialName: text, caCrl: text, credentialNames: { ...texts, minItems: 1, maxItems: 2 }, ecdhCurves: texts, insecureSkipVerify: { type: 'boolean', nullable: true }, tlsCertificates }
const warmup = object({
  aggression: { ...double, minimum: 0, nullable: true },
  duration,
  minimumPercent: { ...double, minimum: 0, maximum: 100, nullable: true }
}, { required: ['duration'] })
const consistentHashKeys = ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName']
const connectionPool = object({
  http: object({
    h2UpgradePolicy: { ...text, enum: ['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'] },
    http1MaxPendingRequests: int32,
    http2KeepAlive: object({ interval: duration, timeout: duration }),
    http2MaxRequests: int32,
    idleTimeout: duration,
    maxConcurrentStreams: int32,
    maxRequestsPerConnection: int32,
    maxRetries: int32,
    useClientProtocol: { type: 'boolean' }
  }),
  tcp: object({
    connectTimeout: duration,
    idleTimeout: text,
    maxConnectionDuration: duration,
    maxConnections: int32,
    tcpKeepalive: object({ interval: duration, probes: uint32, time: duration })
  })
})

/**
 * Fields of `spec` that came later, by kind and by the path of the object that has them. A path matches from its end, so that
 * one line reaches a traffic policy at every level.
 */
export const addedFields = [
  ['Gateway', 'servers[].tls', serverTlsFields],
  ['Sidecar', 'ingress[].tls', serverTlsFields],
  ['Sidecar', 'ingress[]', { connectionPool }],
  ['Sidecar', '', { inboundConnectionPool: connectionPool }],
  ['VirtualService', 'corsPolicy', { unmatchedPreflights: { ...text, enum: ['UNSPECIFIED', 'FORWARD', 'IGNORE'] } }],
  ['VirtualService', 'http[]', { mirrors: { type: 'array', items: object({ destination, percentage: object({ value: double }) }, { required: ['destination'] }) } }],
  ['VirtualService', 'http[].retries', { backoff: duration, retryIgnorePreviousHosts: { type: 'boolean', nullable: true } }],
  ['VirtualService', 'http[].redirect', { prefixRewrite: text }],
  ['VirtualService', 'http[].rewrite', { uriRegexRewrite: object({ match: text, rewrite: text }) }],
  ['DestinationRule', 'connectionPool.http', { maxConcurrentStreams: int32, http2KeepAlive: object({ interval: duration, timeout: duration }) }],
  ['DestinationRule', 'connectionPool.tcp', { idleTimeout: text }],
  ['DestinationRule', 'consistentHash.httpCookie', { attributes: { type: 'array', items: object({ name: text, value: text }, { required: ['name'] }) } }],
  ['DestinationRule', 'loadBalancer', {
    warmup,
    backendUtilization: object({
      errorUtilizationPenaltyPercent: uint32,
      metricNamesForComputingUtilization: texts,
      weightExpirationPeriod: text,
      weightStabilizationPeriod: text,
      weightUpdatePeriod: text
    }),
    zoneAwareLbSetting: object({
      enabled: { type: 'boolean', nullable: true },
      failover: { type: 'array', items: object({ from: text, to: text }) },
      failoverPriority: texts,
      minClusterSize: { ...uint32, minimum: 1, nullable: true }
    })
  }],
  ['DestinationRule', 'outlierDetection', { outlierDetectionHttpErrorCodes: { type: 'array', items: { type: 'integer', minimum: 100, maximum: 599 } } }],
  ['DestinationRule', 'tls', { caCrl: text }],
  ['DestinationRule', 'trafficPolicy', {
    proxyProtocol: object({ version: { ...text, enum: ['V1', 'V2'] } }),
    retryBudget: object({ budgetInterval: text, minRetryConcurrency: uint32, percent: { ...double, minimum: 0, maximum: 100, nullable: true } })
  }]
]

/** Values of enumerations that came later. */
export const addedValues = [
  ['Gateway', 'servers[].tls.mode', ['OPTIONAL_MUTUAL']],
  ['Sidecar', 'ingress[].tls.mode', ['OPTIONAL_MUTUAL']],
  ['ServiceEntry', 'resolution', ['DYNAMIC_DNS']]
]

/** Number formats, ranges, lengths and checks, by kind (`*`: all) and path, matched from its end. The first that fits counts. */
export const constraints = [
  ['VirtualService', 'percentage.value', double],
  ['VirtualService', 'mirrorPercentage.value', double],
  ['VirtualService', 'weight', int32],
  ['VirtualService', 'httpStatus', int32],
  ['VirtualService', 'fault.delay.percent', int32],
  ['VirtualService', 'retries.attempts', int32],
  ['VirtualService', 'mirrorPercent', { ...uint32, nullable: true }],
  ['VirtualService', 'mirror_percent', { ...uint32, nullable: true }],
  ['VirtualService', 'directResponse.status', uint32],
  ['VirtualService', 'redirect.port', uint32],
  ['VirtualService', 'redirectCode', uint32],
  ['VirtualService', 'match[].port', uint32],
  ['VirtualService', 'directResponse.body.bytes', { format: 'byte' }],
  ['VirtualService', 'retries.retryRemoteLocalities', { nullable: true }],
  ['VirtualService', 'corsPolicy.allowCredentials', { nullable: true }],
  ...['corsPolicy.maxAge', 'fault.delay.exponentialDelay', 'fault.delay.fixedDelay', 'retries.perTryTimeout', 'http[].timeout'].map(path => ['VirtualService', path, duration]),
  ['DestinationRule', 'consistentHash', { exclusive: [consistentHashKeys, ['ringHash', 'maglev']] }],
  ['DestinationRule', 'consistentHash.httpCookie', { required: ['name'] }],
  ['DestinationRule', 'portLevelSettings', { maxItems: 4096 }],
  ['DestinationRule', 'loadBalancer', { exclusive: [['simple', 'consistentHash', 'backendUtilization']] }],
  ['DestinationRule', 'minimumRingSize', uint64],
  ['DestinationRule', 'maglev.tableSize', uint64],
  ['DestinationRule', 'localityLbSetting.enabled', { nullable: true }],
  ['DestinationRule', 'distribute[].to.*', uint32],
  ['DestinationRule', 'tls.insecureSkipVerify', { nullable: true }],
  ['DestinationRule', 'tunnel.targetPort', uint32],
  ['DestinationRule', 'workloadSelector.matchLabels', { maxProperties: 4096, checks: ['labelKeys'] }],
  ['DestinationRule', 'workloadSelector.matchLabels.*', { maxLength: 63, checks: ['labelValue'] }],
  ...['consecutive5xxErrors', 'consecutiveGatewayErrors', 'consecutiveLocalOriginFailures'].map(path => ['DestinationRule', path, { ...uint32, nullable: true }]),
  ...['consecutiveErrors', 'maxEjectionPercent', 'minHealthPercent'].map(path => ['DestinationRule', path, int32]),
  ...['outlierDetection.interval', 'baseEjectionTime', 'warmupDurationSecs', 'http.idleTimeout', 'connectTimeout', 'maxConnectionDuration', 'tcpKeepalive.interval', 'tcpKeepalive.time']
    .map(path => ['DestinationRule', path, duration]),
  ...['http1MaxPendingRequests', 'http2MaxRequests', 'maxRequestsPerConnection', 'maxRetries', 'maxConnections'].map(path => ['DestinationRule', path, int32]),
  ['DestinationRule', 'tcpKeepalive.probes', uint32],
  ['ServiceEntry', '', { checks: ['endpointsOrSelector', 'cidrResolution', 'noneWithoutEndpoints', 'roundRobinOneEndpoint'] }],
  ['ServiceEntry', 'addresses', { maxItems: 256 }],
  ['ServiceEntry', 'addresses[]', { maxLength: 64 }],
  ['ServiceEntry', 'hosts', { minItems: 1, maxItems: 256 }],
  ['ServiceEntry', 'hosts[]', { checks: ['notWildcard'] }],
  ['ServiceEntry', 'endpoints[].ports', { maxProperties: 128, checks: ['portNames'] }],
  ['ServiceEntry', 'ports', { maxItems: 256, uniqueBy: 'name', checks: ['uniquePortNumbers'] }],
  ['ServiceEntry', 'ports[].name', { maxLength: 256 }],
  ['ServiceEntry', 'ports[].protocol', { maxLength: 256 }],
  ['ServiceEntry', 'ports[].number', { ...uint32, checks: ['port'] }],
  ['ServiceEntry', 'ports[].targetPort', { ...uint32, checks: ['port'] }],
  ['ServiceEntry', 'endpoints', { maxItems: 4096 }],
  ['ServiceEntry', 'endpoints[]', { checks: ['endpointAddress', 'unixSocketWithoutPorts'] }],
  ['ServiceEntry', 'endpoints[].address', { maxLength: 256, checks: ['unixSocketPath', 'unixSocketFile'] }],
  ['ServiceEntry', 'endpoints[].labels', { maxProperties: 256 }],
  ['ServiceEntry', 'endpoints[].locality', { maxLength: 2048 }],
  ['ServiceEntry', 'endpoints[].network', { maxLength: 2048 }],
  ['ServiceEntry', 'endpoints[].serviceAccount', { maxLength: 253 }],
  ['ServiceEntry', 'endpoints[].weight', uint32],
  ['ServiceEntry', 'endpoints[].ports.*', { ...uint32, checks: ['port'] }],
  ['*', 'workloadSelector.labels', { maxProperties: 256 }],
  ['*', 'workloadSelector.labels.*', { maxLength: 63, checks: ['selectorValue'] }],
  ['*', 'port.number', uint32],
  ['*', 'port.targetPort', uint32],
  ['Gateway', 'servers[].tls', { checks: ['oneCredential'] }],
  ['Sidecar', 'ingress[].tls', { checks: ['oneCredential'] }]
]

/** Fields that must be there, by the path of the object that has them. */
export const requiredFields = [
  ['DestinationRule', '', ['host']],
  ['DestinationRule', 'subsets[]', ['name']],
  ['DestinationRule', 'tunnel', ['targetHost', 'targetPort']],
  ['Gateway', 'servers[]', ['port', 'hosts']],
  ['Gateway', 'servers[].port', ['number', 'protocol', 'name']],
  ['ServiceEntry', '', ['hosts']],
  ['ServiceEntry', 'ports[]', ['number', 'name']],
  ['Sidecar', 'egress[]', ['hosts']],
  ['Sidecar', 'ingress[]', ['port']],
  ['Sidecar', 'egressProxy', ['host']],
  ['VirtualService', 'directResponse', ['status']],
  ['VirtualService', 'mirror', ['host']],
  ['VirtualService', 'route[]', ['destination']],
  ['VirtualService', 'route[].destination', ['host']],
  ['VirtualService', 'tls[]', ['match']],
  ['VirtualService', 'tls[].match[]', ['sniHosts']]
]
