/** What has been copied and frozen already, so that an object built around parts of an older one copies only what is new. */
const frozen = new WeakSet<object>()

/** A copy of JSON-like data, frozen all the way down; fields that are undefined are left out, as JSON would. */
export function freeze<T> (value: T): T {
  return copy(value) as T
}

function copy (value: unknown): unknown {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value
  const result = Array.isArray(value)
    ? value.map((item) => item === undefined ? null : copy(item))
    : Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, copy(item)]))
  frozen.add(result)
  return Object.freeze(result)
}
