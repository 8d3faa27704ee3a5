import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { SocketAddress } from '@bankinfo/mesh'

const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addSubnet('0.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')
own.addAddress('::', 'ipv6')

/**
 * Where a host outside the cluster is. Nothing of this machine's loopback is ever reached from a pod, by whatever name: it
 * holds other people's services, which a pod in a cluster could not reach either.
 */
export async function resolveExternal ({ host, port }: { readonly host: string, readonly port: number }): Promise<SocketAddress | undefined> {
  const addresses = isIP(host) === 0 ? await resolve(host) : [host]
  const allowed = addresses.find((address) => !isOwn(address))
  return allowed === undefined ? undefined : { host: allowed, port }
}

async function resolve (host: string): Promise<readonly string[]> {
  try {
    const found = await lookup(host, { all: true })
    // IPv4 first: a laptop's IPv6 often leads nowhere.
    return found.sort((a, b) => a.family - b.family).map(({ address }) => address)
  } catch {
    // No such name, or no network in the room: to the caller it is a name that does not resolve.
    return []
  }
}

/** True for loopback and unspecified addresses, IPv4 in IPv6 too. */
export function isOwn (address: string): boolean {
  const mapped = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return own.check(mapped, 'ipv4')
  return own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
