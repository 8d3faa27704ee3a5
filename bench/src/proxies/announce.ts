import type { AddressInfo } from 'node:net'

/** Tells the bench where this process listens, and ends it with the bench; process.exit, not a signal, lets --cpu-prof write. */
export function announce (address: AddressInfo | string | number | null): void {
  const port = typeof address === 'object' ? address?.port : Number(address)
  process.on('disconnect', () => { process.exit() })
  process.on('SIGTERM', () => { process.exit() })
  process.send?.({ port })
}
