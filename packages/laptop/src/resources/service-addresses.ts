import type { StoredObject } from '../store/store.ts'
import { arrayOf, isRecord, recordOf, type JsonRecord } from './json.ts'

/** Addresses in 10.96.0.0/16 below this are left to the cluster's own Services, as Kubernetes does. */
const firstAddress = 256
const lastAddress = 65_534
const nodePorts = { first: 30_000, last: 32_767 }

/** An address or port that a Service asks for and cannot have. */
export class AddressError extends Error {
  readonly field: string
  readonly value: unknown

  constructor (field: string, value: unknown, message: string) {
    super(message)
    this.name = 'AddressError'
    this.field = field
    this.value = value
  }
}

/**
 * Gives a Service its cluster IP (10.96.0.0/16) and its node ports (30000-32767), keeping those it has.
 * @param others all Services of the cluster.
 * @throws AddressError
 */
export function assignAddresses (service: JsonRecord, others: readonly StoredObject[], previous?: StoredObject): JsonRecord {
  const spec = recordOf(service.spec)
  if (spec.type === 'ExternalName') return service
  const own = previous?.metadata.uid
  const rest = others.filter((other) => other.metadata.uid !== own).map((other) => recordOf(other.spec))
  const clusterIP = spec.clusterIP ?? recordOf(previous?.spec).clusterIP ?? freeAddress(rest, recordOf(service.metadata))
  if (clusterIP !== 'None') checkAddress(clusterIP, rest)
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP,
      clusterIPs: [clusterIP],
      ...(Array.isArray(spec.ports) && { ports: withNodePorts(spec, rest, previous) })
    }
  }
}

/** The same name gets the same address in every new cluster, if nobody else has it. */
function freeAddress (others: readonly JsonRecord[], metadata: JsonRecord): string {
  const taken = new Set(others.map((spec) => spec.clusterIP))
  const range = lastAddress - firstAddress
  let number = hash(`${String(metadata.namespace)}/${String(metadata.name)}`) % range
  for (let tries = 0; tries < range; tries += 1) {
    const address = addressOf(firstAddress + number)
    if (!taken.has(address)) return address
    number = (number + 1) % range
  }
  throw new AddressError('spec.clusterIPs', null, 'failed to allocate IP: the range 10.96.0.0/16 is full')
}

function addressOf (number: number): string {
  return `10.96.${number >> 8}.${number & 255}`
}

function checkAddress (address: unknown, others: readonly JsonRecord[]): void {
  const match = /^10\.96\.(\d{1,3})\.(\d{1,3})$/.exec(String(address))
  if (match === null || Number(match[1]) > 255 || Number(match[2]) > 255) {
    throw new AddressError('spec.clusterIPs', [address], 'failed to allocate IP ' + String(address) + ': the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16')
  }
  if (others.some((spec) => spec.clusterIP === address)) {
    throw new AddressError('spec.clusterIPs', [address], `failed to allocate IP ${String(address)}: provided IP is already allocated`)
  }
}

function withNodePorts (spec: JsonRecord, others: readonly JsonRecord[], previous?: StoredObject): readonly unknown[] {
  const ports = arrayOf(spec.ports)
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return ports
  const taken = new Set(others.flatMap((other) => arrayOf(other.ports)).map((port) => recordOf(port).nodePort))
  const before = arrayOf(recordOf(previous?.spec).ports).map(recordOf)
  for (const [index, port] of ports.entries()) {
    const { nodePort } = recordOf(port)
    if (nodePort === undefined) continue
    if (taken.has(nodePort)) throw new AddressError(`spec.ports[${index}].nodePort`, nodePort, 'provided port is already allocated')
    taken.add(nodePort)
  }
  return ports.map((port) => {
    if (!isRecord(port) || port.nodePort !== undefined) return port
    const kept = before.find((one) => one.port === port.port && one.protocol === port.protocol)?.nodePort
    return { ...port, nodePort: kept ?? freePort(taken, `${String(port.port)}/${String(port.name)}`) }
  })
}

function freePort (taken: Set<unknown>, seed: string): number {
  const range = nodePorts.last - nodePorts.first + 1
  const start = hash(seed) % range
  for (let tries = 0; tries < range; tries += 1) {
    const port = nodePorts.first + (start + tries) % range
    if (taken.has(port)) continue
    taken.add(port)
    return port
  }
  throw new AddressError('spec.ports[0].nodePort', null, 'failed to allocate a nodePort: range is full')
}

/** FNV-1a, 32 bits: spreads names over a range, no more. */
function hash (text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
