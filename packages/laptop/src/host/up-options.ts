import type { PortOverrides } from '../network/gateway-ports.ts'
import { gatewayPort } from '../network/gateway-ports.ts'
import type { NeededPort } from './ports.ts'

/** The API's port when nobody chooses another one. */
export const defaultApiPort = 26443

interface PortOption {
  readonly key: 'port' | 'httpsPort' | 'tcpPort' | 'statusPort' | 'apiPort'
  readonly flag: string
  readonly variable: string
  readonly what: string
  /** Port of the ingress gateway's Service that it moves. */
  readonly servicePort?: number
  readonly usual: number
}

/** Every port of the laptop, its flag and its environment variable. */
export const portOptions: readonly PortOption[] = [
  { key: 'port', flag: '--port', variable: 'BANKINFO_PORT', what: 'the page, gateway port 80', servicePort: 80, usual: gatewayPort(80) },
  { key: 'httpsPort', flag: '--https-port', variable: 'BANKINFO_HTTPS_PORT', what: 'gateway port 443', servicePort: 443, usual: gatewayPort(443) },
  { key: 'tcpPort', flag: '--tcp-port', variable: 'BANKINFO_TCP_PORT', what: 'gateway port 31400', servicePort: 31400, usual: gatewayPort(31400) },
  { key: 'statusPort', flag: '--status-port', variable: 'BANKINFO_STATUS_PORT', what: 'gateway port 15021', servicePort: 15021, usual: gatewayPort(15021) },
  { key: 'apiPort', flag: '--api-port', variable: 'BANKINFO_API_PORT', what: 'the Kubernetes API', usual: defaultApiPort }
]

export type PortFlags = { readonly [K in PortOption['key']]?: string | undefined }

export interface Ports {
  readonly page: number
  readonly api: number
  readonly overrides: PortOverrides
  /** Those that must be free before anything starts: the others are opened when a Gateway asks for them. */
  readonly needed: readonly NeededPort[]
}

/**
 * Where spans go, from `OTEL_EXPORTER_OTLP_ENDPOINT`; undefined: nowhere.
 * @throws OptionError when it is no http URL
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options
 */
export function readCollector (env: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim()
  if (text === undefined || text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new OptionError(`OTEL_EXPORTER_OTLP_ENDPOINT: expected the address of an OTLP/HTTP collector such as http://127.0.0.1:4318, got "${text}"`)
  return text
}

export class OptionError extends Error {}

/**
 * Ports from flags, then from the environment, then the usual ones.
 * @throws OptionError naming each value that is no port
 */
export function readPorts (flags: PortFlags, env: Readonly<Record<string, string | undefined>>): Ports {
  const wrong: string[] = []
  const chosen = new Map<PortOption['key'], number>()
  const overrides = new Map<number, number>()
  for (const option of portOptions) {
    const [name, text] = flags[option.key] !== undefined ? [option.flag, flags[option.key]] : [option.variable, env[option.variable]]
    if (text === undefined || text === '') continue
    const port = Number(text)
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
      wrong.push(`${name}: expected a port from 1 to 65535, got "${text}"`)
      continue
    }
    chosen.set(option.key, port)
    if (option.servicePort !== undefined && port !== option.usual) overrides.set(option.servicePort, port)
  }
  if (wrong.length > 0) throw new OptionError(wrong.join('; '))
  const needed = portOptions.filter(({ key }) => key === 'port' || key === 'apiPort')
    .map(({ key, flag, variable, what, usual }) => ({ port: chosen.get(key) ?? usual, flag, variable, what }))
  return { page: chosen.get('port') ?? gatewayPort(80), api: chosen.get('apiPort') ?? defaultApiPort, overrides, needed }
}
