/** Park and Miller's generator ("Random number generators: good ones are hard to find", 1988): 0 up to 1, with a seed. */
export function randomFrom (seed: number): () => number {
  let state = seed
  return () => {
    state = state * 48271 % 2147483647
    return state / 2147483647
  }
}
