import type { SocketAddress } from '@bankinfo/mesh'

/** Real ports for ports of the gateway's Service that the user wants elsewhere. */
export type PortOverrides = ReadonlyMap<number, number>

/** The real port of a port of the gateway's Service: those below 1024 are the system's, so they are found at 8000 more. */
export function gatewayPort (servicePort: number, overrides: PortOverrides = new Map()): number {
  return overrides.get(servicePort) ?? (servicePort < 1024 ? servicePort + 8000 : servicePort)
}

/** Where the gateway listens for a port of its Service; 80 and 443 themselves too, where the system lets us. */
export function gatewayAddresses (servicePort: number, overrides?: PortOverrides): readonly SocketAddress[] {
  const address = { host: '127.0.0.1', port: gatewayPort(servicePort, overrides) }
  const well = servicePort === 80 || servicePort === 443
  // A second cluster on other ports has to leave the well-known ones alone.
  return well && overrides?.has(servicePort) !== true ? [address, { host: '127.0.0.1', port: servicePort }] : [address]
}
