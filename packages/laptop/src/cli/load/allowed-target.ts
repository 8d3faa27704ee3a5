import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { fieldOf, textOf } from '../../resources/json.ts'
import { CliError, type CliContext } from '../command.ts'
import { itemsOf } from '../selection/select.ts'
import type { Caller } from './from-pod.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Lets load pass only to what is the caller's own: from outside to this machine's loopback, from a pod to the cluster's Services.
 * @throws CliError for any other server, naming the flag that takes the responsibility
 */
export async function allowTarget (context: CliContext, url: URL, caller: Caller | undefined): Promise<void> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const names = await serviceNames(context, caller?.namespace)
  if (caller !== undefined) {
    if (host === 'localhost' || names.has(host)) return
    throw new CliError(`${host} is no Service of the cluster. Load is for servers of your own: if it is one, say --yes-i-own-it`)
  }
  if (await isLoopback(host)) return
  if (names.has(host)) throw new CliError(`${host} is a Service of the cluster, which only pods reach: say who calls with --from, such as --from deploy/sleep`)
  throw new CliError(`${host} is not on this machine. Load is for servers of your own: if it is one, say --yes-i-own-it`)
}

async function isLoopback (host: string): Promise<boolean> {
  const addresses = isIP(host) === 0 ? await lookup(host, { all: true }).then((found) => found.map(({ address }) => address), () => []) : [host]
  return addresses.length > 0 && addresses.every((address) => loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
}

/** The names that Services are called by, from a namespace; none when no cluster runs. */
async function serviceNames (context: CliContext, namespace = 'default'): Promise<ReadonlySet<string>> {
  const list = await servicesOf(context)
  return new Set(list.flatMap((service) => {
    const name = textOf(fieldOf(service, 'metadata', 'name'))
    const own = textOf(fieldOf(service, 'metadata', 'namespace'))
    const ip = textOf(fieldOf(service, 'spec', 'clusterIP'))
    return [...(own === namespace ? [name] : []), `${name}.${own}`, `${name}.${own}.svc`, `${name}.${own}.svc.cluster.local`, ...(isIP(ip) === 0 ? [] : [ip])]
  }))
}

async function servicesOf (context: CliContext): Promise<ReturnType<typeof itemsOf>> {
  try {
    return itemsOf(await (await context.connect()).request('GET', '/api/v1/services'))
  } catch (error) {
    if (error instanceof CliError) return []
    throw error
  }
}
