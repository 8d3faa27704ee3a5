/** Counts the bytes of all uploads that are held at once. */
export interface ByteBudget {
  /** Takes bytes; false when they would not fit, and then none are taken. */
  take: (bytes: number) => boolean
  giveBack: (bytes: number) => void
  readonly held: () => number
}

export function createByteBudget (limit: number): ByteBudget {
  let held = 0
  return {
    take: (bytes) => {
      if (held + bytes > limit) return false
      held += bytes
      return true
    },
    giveBack: (bytes) => { held -= bytes },
    held: () => held
  }
}
