/**
 * Consistent hashing: what a request is known by, and who of a cluster's endpoints answers to that. Ring hash (Ketama) and Maglev as
 * Envoy has them, over xxHash64: the same request goes to the same endpoint, and when endpoints come or go few requests move.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#ring-hash
 */
import xxhash from 'xxhash-wasm'
import { parseDuration } from '../rules/duration.ts'

const { h64 } = await xxhash()

export interface ConsistentHashSpec {
  httpHeaderName?: string
  httpCookie?: { name?: string, path?: string, ttl?: string, attributes?: Array<{ name?: string, value?: string }> }
  useSourceIp?: boolean
  httpQueryParameterName?: string
  ringHash?: { minimumRingSize?: number | string }
  maglev?: { tableSize?: number | string }
  /** The old place of the ring's size. */
  minimumRingSize?: number | string
}

export type HashKey =
  | { readonly kind: 'header', readonly name: string }
  | { readonly kind: 'query', readonly name: string }
  | { readonly kind: 'source' }
  | { readonly kind: 'cookie', readonly name: string, readonly cookie?: CookieToSet }

/** What a client without the cookie is given; without it such requests go anywhere. */
export interface CookieToSet {
  /** Seconds, 0: until the browser ends. */
  readonly maxAge: number
  readonly path: string
  /** As they stand behind the value. */
  readonly attributes: readonly string[]
}

export interface ConsistentHash {
  readonly table: 'ring' | 'maglev'
  /** Entries of the table, a minimum for the ring. */
  readonly size: number
  /** Undefined: requests have nothing to be known by and go anywhere. */
  readonly key?: HashKey
}

const defaultRingSize = 1024
const defaultTableSize = 65_537

export function compileConsistentHash (spec: ConsistentHashSpec | undefined): ConsistentHash | undefined {
  if (spec === undefined) return undefined
  const key = keyOf(spec)
  const size = Number(spec.maglev?.tableSize ?? spec.ringHash?.minimumRingSize ?? spec.minimumRingSize ?? 0)
  return spec.maglev === undefined
    ? { table: 'ring', size: size > 0 ? size : defaultRingSize, ...(key === undefined ? {} : { key }) }
    : { table: 'maglev', size: size > 0 ? size : defaultTableSize, ...(key === undefined ? {} : { key }) }
}

function keyOf ({ httpHeaderName, httpQueryParameterName, httpCookie, useSourceIp }: ConsistentHashSpec): HashKey | undefined {
  if (httpHeaderName !== undefined) return { kind: 'header', name: httpHeaderName.toLowerCase() }
  if (httpQueryParameterName !== undefined) return { kind: 'query', name: httpQueryParameterName }
  if (useSourceIp === true) return { kind: 'source' }
  if (httpCookie === undefined) return undefined
  const { name = '', path = '', ttl, attributes = [] } = httpCookie
  const seconds = Math.trunc((parseDuration(ttl ?? '') ?? 0) / 1000)
  return {
    kind: 'cookie',
    name,
    ...(ttl === undefined ? {} : { cookie: { maxAge: seconds, path, attributes: attributes.map(({ name = '', value = '' }) => value === '' ? name : `${name}=${value}`) } })
  }
}

/** What a request shows of itself. */
export interface Hashed {
  /** Values of all lines of a name. */
  readonly header: (name: string) => readonly string[]
  /** Path with query. */
  readonly path: string
  /** Address of the client, without a port. */
  readonly source: string
  /** What tells the client's connection from others. */
  readonly connection: string
  /** Has the answer set a cookie. */
  readonly setCookie: (line: string) => void
}

/** The number that a request is known by; undefined: it has none. */
export function hashOf (key: HashKey, request: Hashed): bigint | undefined {
  switch (key.kind) {
    case 'header': {
      const values = request.header(key.name)
      return values.length === 0 ? undefined : [...values].sort().reduce<bigint>((seed, value) => h64(value, seed), 0n)
    }
    case 'query': {
      const value = new URLSearchParams(request.path.split('?')[1]).get(key.name)
      return value === null ? undefined : h64(value)
    }
    case 'source': return h64(request.source)
    case 'cookie': {
      const sent = cookieOf(request.header('cookie'), key.name)
      if (sent !== undefined && sent !== '') return h64(sent)
      if (key.cookie === undefined) return undefined
      const value = h64(request.connection).toString(16)
      request.setCookie(cookieLine(key.name, value, key.cookie))
      return h64(value)
    }
  }
}

/** RFC 6265, 4.2.1. */
function cookieOf (lines: readonly string[], name: string): string | undefined {
  for (const pair of lines.join('; ').split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim().replace(/^"(.*)"$/, '$1')
  }
  return undefined
}

function cookieLine (name: string, value: string, { maxAge, path, attributes }: CookieToSet): string {
  return [`${name}="${value}"`, ...(maxAge > 0 ? [`Max-Age=${maxAge}`] : []), ...(path === '' ? [] : [`Path=${path}`]), ...attributes, 'HttpOnly'].join('; ')
}

/** An endpoint as the tables know it. */
export interface Entry {
  readonly key: string
  readonly weight: number
}

/** Entries by number of a hash: the one that it belongs to first, then those that come next. */
export type Lookup = (hash: bigint, next?: number) => number

export function buildTable ({ table, size }: ConsistentHash, entries: readonly Entry[]): Lookup {
  return table === 'ring' ? buildRing(size, entries) : buildMaglev(size, entries)
}

/** As many points as the size asks for, shared by weight; a hash belongs to the point behind it. */
function buildRing (size: number, entries: readonly Entry[]): Lookup {
  const total = entries.reduce((sum, { weight }) => sum + weight, 0)
  const least = Math.min(...entries.map(({ weight }) => weight)) / total
  const scale = Math.ceil(least * size) / least
  const points: Array<readonly [hash: bigint, index: number]> = []
  let target = 0
  for (const [index, { key, weight }] of entries.entries()) {
    target += scale * weight / total
    for (let point = 0; points.length < target; point++) points.push([h64(`${key}_${point}`), index])
  }
  points.sort(([a], [b]) => a < b ? -1 : 1)
  return (hash, next = 0) => {
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((points[middle]?.[0] ?? 0n) < hash) low = middle + 1
      else high = middle
    }
    return points[(low + next) % points.length]?.[1] ?? 0
  }
}

/** https://research.google/pubs/maglev-a-fast-and-reliable-software-network-load-balancer/, 3.4 */
function buildMaglev (size: number, entries: readonly Entry[]): Lookup {
  const heaviest = Math.max(...entries.map(({ weight }) => weight))
  const builders = entries.map(({ key, weight }, index) => ({
    index, weight, turn: 0, offset: Number(h64(key) % BigInt(size)), skip: Number(h64(key, 1n) % BigInt(size - 1)) + 1, next: 0
  }))
  const slots = new Int32Array(size).fill(-1)
  for (let filled = 0; filled < size;) {
    for (const builder of builders) {
      builder.turn += builder.weight
      if (builder.turn < heaviest || filled === size) continue
      builder.turn -= heaviest
      let slot: number
      do slot = (builder.offset + builder.skip * builder.next++) % size
      while (slots[slot] !== -1)
      slots[slot] = builder.index
      filled++
    }
  }
  return (hash, next = 0) => slots[Number((hash + BigInt(next)) % BigInt(size))] ?? 0
}

/** In words. */
export function tellConsistentHash (hash: ConsistentHash | undefined): string[] {
  if (hash === undefined) return []
  const by = hash.key === undefined
    ? 'nothing, so requests go anywhere'
    : hash.key.kind === 'source' ? 'the client\'s address' : `${hash.key.kind === 'query' ? 'query parameter' : hash.key.kind} ${hash.key.name}`
  return [`consistentHash: ${hash.table} of ${hash.size}, by ${by}; requests without it go anywhere`]
}
