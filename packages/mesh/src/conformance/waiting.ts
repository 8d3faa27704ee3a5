/** Which steps cannot be held yet, told from what their rules and clients ask for. */
import type { Observed, Step } from './case.ts'
import type { Resource } from '../model.ts'

/** Fields of each kind that the mesh carries out, as far down as it matters. */
const supported: Readonly<Record<string, readonly RegExp[]>> = {
  VirtualService: [
    /^(hosts|gateways|exportTo)\b/, /^http\[\]\.(name|match|timeout|route\[\]\.(weight|destination))\b/, /^http\[\]\.retries\b/,
    /^tcp\[\]/
  ],
  DestinationRule: [/^(host|exportTo|workloadSelector)\b/, /^subsets\[\]\.(name|labels)\b/, /trafficPolicy\.(portLevelSettings\[\]\.(port|loadBalancer\.simple)|loadBalancer\.simple)\b/],
  ServiceEntry: [/^/],
  Sidecar: [/^(workloadSelector|outboundTrafficPolicy\.mode|egress\[\]\.hosts)\b/],
  Gateway: [/^selector\b/, /^servers\[\]\.(port|hosts|name|tls\.httpsRedirect)\b/]
}

/** The feature that is missing, or undefined when the step can be held. */
export function waitsFor (rules: readonly Resource[], step: Step, observed: Observed): string | undefined {
  for (const { kind, spec } of rules) {
    const fields = supported[kind]
    if (fields === undefined) return kind
    const missing = leaves(spec, '').find((path) => !fields.some((field) => field.test(path)))
    if (missing !== undefined) return `${kind} ${missing}`
    if (kind === 'VirtualService' && leaves(spec, '').some((path) => path.startsWith('tcp[].'))) return 'VirtualService tcp'
    const protocol = kind === 'Gateway' ? gatewayProtocols(spec).find((name) => !/^(HTTP|HTTP2|GRPC|GRPC-WEB)$/i.test(name)) : undefined
    if (protocol !== undefined) return `Gateway protocol ${protocol}`
  }
  if (step.client_cert === true) return 'client certificates'
  if (step.to?.startsWith('https:') === true && observed.error === undefined) return 'TLS'
  return undefined
}

function gatewayProtocols (spec: unknown): string[] {
  const { servers = [] } = spec as { servers?: Array<{ port?: { protocol?: string } }> }
  return servers.map(({ port }) => port?.protocol ?? '')
}

/** Paths of all values, list indexes left out: `http[].fault.delay`. */
function leaves (value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${path}[]`))
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [path]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`))
}
