/** Numbers in the order they came, in little memory. */
export interface Samples {
  add(value: number): void
  readonly count: number
  /** A sorted copy. */
  sorted(): Float64Array
}

export function createSamples (): Samples {
  let values = new Float64Array(1024)
  let count = 0
  return {
    add: (value) => {
      if (count === values.length) {
        const larger = new Float64Array(values.length * 2)
        larger.set(values)
        values = larger
      }
      values[count] = value
      count += 1
    },
    get count () { return count },
    sorted: () => values.slice(0, count).sort()
  }
}
