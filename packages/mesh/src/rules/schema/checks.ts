import { parseDuration } from '../duration.ts'

/** One rule that a value breaks: `detail` in the API server's words, `hint` in ours. */
export interface Violation {
  readonly detail: string
  readonly hint: string
  /** The check could not be made at all: the message has the type instead of the value. */
  readonly hidesValue?: true
}

type Check = (value: unknown) => readonly Violation[]

/**
 * The rules that Istio's CRDs state as expressions (`x-kubernetes-validations`), by the names that scripts/schema-overlay.js
 * gives them. Each gets a value that already has the right type.
 */
export const checks: Readonly<Record<string, Check>> = {
  duration: value => {
    const hint = 'Write a number with its unit, such as 500ms, 3s or 1m30s; to have none, leave the field out.'
    const milliseconds = parseDuration(String(value))
    if (milliseconds === undefined) {
      return [{ detail: 'type conversion error from \'string\' to \'google.protobuf.Duration\' evaluating rule: must be a valid duration greater than 1ms', hint, hidesValue: true }]
    }
    return broken(milliseconds < 1, 'must be a valid duration greater than 1ms', hint)
  },
  port: value => broken(Number(value) <= 0 || Number(value) > 65535, 'port must be between 1-65535', 'Write a port number from 1 to 65535.'),
  notWildcard: value => broken(value === '*', 'hostname cannot be wildcard', 'Name the host, or a wildcard with a domain such as *.example.com.'),
  selectorValue: value => broken(String(value).includes('*'), 'wildcard is not supported in selector', 'Write the label\'s value out.'),
  labelValue: value => broken(String(value).includes('*'), 'wildcard not allowed in label value match', 'Write the label\'s value out.'),
  labelKeys: value => [
    ...broken(keys(value).some(key => key.includes('*')), 'wildcard not allowed in label key match', 'Write the label\'s name out.'),
    ...broken(keys(value).includes(''), 'key must not be empty', 'Write the label\'s name.')
  ],
  portNames: value => broken(keys(value).some(key => key.length >= 63 || !/^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(key)),
    'port name must be valid', 'Use letters, digits and hyphens, at most 62 of them.'),
  uniquePortNumbers: value => {
    const numbers = Array.isArray(value) ? value.map((port: unknown) => field(port, 'number')) : []
    return broken(new Set(numbers).size !== numbers.length, 'port number cannot be duplicated', 'Give each port a number of its own.')
  },
  oneCredential: value => [
    ...broken(has(value, 'tlsCertificates') && has(value, 'credentialNames'), 'only one of credentialNames or tlsCertificates can be set', 'Keep one of the two.'),
    ...broken(has(value, 'credentialName') && has(value, 'credentialNames'), 'only one of credentialName or credentialNames can be set', 'Keep one of the two.')
  ],
  endpointsOrSelector: value => broken(has(value, 'workloadSelector') && has(value, 'endpoints'),
    'only one of WorkloadSelector or Endpoints can be set', 'List endpoints, or select workloads by label.'),
  cidrResolution: value => {
    const addresses = field(value, 'addresses')
    const cidr = Array.isArray(addresses) && addresses.some(address => String(address).includes('/'))
    return broken(cidr && !['STATIC', 'NONE'].includes(resolutionOf(value)), 'CIDR addresses are allowed only for NONE/STATIC resolution types', 'Use resolution NONE or STATIC, or single addresses.')
  },
  noneWithoutEndpoints: value => broken(resolutionOf(value) === 'NONE' && has(value, 'endpoints'),
    'NONE mode cannot set endpoints', 'With endpoints, set resolution: STATIC (addresses) or DNS (names).'),
  roundRobinOneEndpoint: value => {
    const endpoints = field(value, 'endpoints')
    return broken(resolutionOf(value) === 'DNS_ROUND_ROBIN' && Array.isArray(endpoints) && endpoints.length > 1,
      'DNS_ROUND_ROBIN mode cannot have multiple endpoints', 'Keep one endpoint, or use resolution: DNS.')
  },
  endpointAddress: value => broken(!has(value, 'address') && !has(value, 'network'), 'Address is required', 'Add "address:".'),
  unixSocketWithoutPorts: value => broken(isUnixSocket(field(value, 'address')) && has(value, 'ports'), 'UDS may not include ports', 'A Unix domain socket has no ports: remove them.'),
  unixSocketPath: value => broken(isUnixSocket(value) && !['/', '@'].includes(String(value).charAt(7)),
    'UDS must be an absolute path or abstract socket', 'Write unix:///path/of/socket or unix://@name.'),
  unixSocketFile: value => broken(isUnixSocket(value) && String(value).endsWith('/'), 'UDS may not be a dir', 'Name the socket, not its folder.')
}

function broken (isBroken: boolean, detail: string, hint: string): readonly Violation[] {
  return isBroken ? [{ detail, hint }] : []
}

function field (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

function has (value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}

function keys (value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function resolutionOf (value: unknown): string {
  const resolution = field(value, 'resolution')
  return typeof resolution === 'string' ? resolution : 'NONE'
}

function isUnixSocket (address: unknown): boolean {
  return typeof address === 'string' && address.startsWith('unix://')
}
