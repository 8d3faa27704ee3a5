/**
 * The next free virtual address of a /16 network, counted up from `PREFIX.0.2`.
 * @param prefix the first two bytes: `10.44` for pods, `10.96` for Services
 * @throws Error when all addresses are taken
 */
export function allocateAddress (prefix: string, taken: readonly string[]): string {
  const used = new Set(taken)
  const highest = Math.max(1, ...taken.map((address) => {
    const [, , third, fourth] = address.split('.')
    return Number(third) * 256 + Number(fourth)
  }).filter(Number.isFinite))
  // Upwards first, so that a deleted pod's address is not given to another one at once.
  for (let step = 1; step < 65_534; step++) {
    const number = (highest + step) % 65_534
    const address = `${prefix}.${number >> 8}.${number & 255}`
    if (number >= 2 && !used.has(address)) return address
  }
  throw new Error(`no address is left in ${prefix}.0.0/16`)
}
