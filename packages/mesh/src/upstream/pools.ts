/** Kept connections to real addresses, one undici pool each, closed when their address leaves the cluster. */
import { Pool } from 'undici'
import { openH2Sessions, type H2Sessions } from './h2-sessions.ts'
import { parseDuration } from '../rules/duration.ts'
import type { ConnectionPoolSpec } from './connection-pool.ts'
import type { SocketAddress } from '../model.ts'

export interface Pools {
  readonly get: (address: SocketAddress, settings?: ConnectionSettings) => Pool
  /** The same for HTTP/2. */
  readonly getHttp2: (address: SocketAddress, settings?: ConnectionSettings) => H2Sessions
  /** Closes, once idle, pools whose address has left the cluster, and those of the outside that nobody has used since the last call. */
  readonly retain: (live: ReadonlySet<string>) => void
  readonly close: () => Promise<void>
}

/** How connections are made and kept; milliseconds, absent: Istio's defaults. */
export interface ConnectionSettings {
  readonly connectTimeout?: number
  /** A connection without a request is closed after that. */
  readonly idleTimeout?: number
  /** A connection takes no new requests after that. */
  readonly maxDuration?: number
  /** Requests at once on a connection of HTTP/2. */
  readonly maxStreams?: number
  /** Silence after which TCP asks whether the other end is there. */
  readonly keepAlive?: number
}

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-TCPSettings. Undefined: nothing is said. */
export function compileConnection (spec: ConnectionPoolSpec | undefined): ConnectionSettings | undefined {
  const { tcp, http } = spec ?? {}
  const settings = {
    connectTimeout: parseDuration(tcp?.connectTimeout ?? ''),
    idleTimeout: parseDuration(http?.idleTimeout ?? tcp?.idleTimeout ?? ''),
    maxDuration: parseDuration(tcp?.maxConnectionDuration ?? ''),
    maxStreams: http?.maxConcurrentStreams,
    keepAlive: parseDuration(tcp?.tcpKeepalive?.time ?? '')
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined && value > 0)
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

interface Entry<Kind> {
  readonly pool: Kind
  readonly address: string
  /** An address of the cluster at the last look. */
  live: boolean
  used: boolean
  closed: boolean
}

/** Envoy waits ten seconds for a connection (Istio's connectTimeout default). */
const connectTimeout = 10_000

/** Envoy passes response heads of 70,000 bytes; ten times that is an attack. */
const maxHeaderSize = 96 * 1024

export function createPools (): Pools {
  const http1 = createKind((address, settings) => openPool(address, settings))
  const http2 = createKind((address, settings) => openH2Sessions(address, { connectTimeout, ...settings }))
  return {
    get: http1.get,
    getHttp2: http2.get,
    retain: (live) => {
      http1.retain(live)
      http2.retain(live)
    },
    close: async () => { await Promise.all([http1.close(), http2.close()]) }
  }
}

interface Closable {
  close: () => Promise<void>
  destroy: () => Promise<void>
}

interface PoolsOfKind<Kind> {
  readonly get: (address: SocketAddress, settings?: ConnectionSettings) => Kind
  readonly retain: (live: ReadonlySet<string>) => void
  readonly close: () => Promise<void>
}

function createKind<Kind extends Closable> (open: (address: SocketAddress, settings: ConnectionSettings | undefined) => Kind): PoolsOfKind<Kind> {
  const pools = new Map<string, Entry<Kind>>()
  // The same address object comes again with each request, and the same settings for the same cluster.
  const byObject = new WeakMap<SocketAddress, Entry<Kind>>()
  const keys = new WeakMap<ConnectionSettings, string>()
  const settingsKey = (settings: ConnectionSettings): string => {
    let key = keys.get(settings)
    if (key === undefined) keys.set(settings, key = JSON.stringify(settings))
    return key
  }
  return {
    get: (address, settings) => {
      const found = settings === undefined ? byObject.get(address) : undefined
      if (found !== undefined && !found.closed) {
        found.used = true
        return found.pool
      }
      const key = settings === undefined ? addressKey(address) : `${addressKey(address)} ${settingsKey(settings)}`
      let entry = pools.get(key)
      if (entry === undefined) {
        entry = { pool: open(address, settings), address: addressKey(address), live: false, used: true, closed: false }
        pools.set(key, entry)
      }
      entry.used = true
      if (settings === undefined) byObject.set(address, entry)
      return entry.pool
    },
    retain: (live) => {
      for (const [key, entry] of pools) {
        const left = entry.live && !live.has(entry.address)
        entry.live = live.has(entry.address)
        if (entry.live) continue
        if (entry.used && !left) {
          entry.used = false
          continue
        }
        pools.delete(key)
        entry.closed = true
        entry.pool.close().catch(() => {})
      }
    },
    close: async () => {
      const all = [...pools.values()]
      pools.clear()
      await Promise.all(all.map(async ({ pool }) => { await pool.destroy() }))
    }
  }
}

function addressKey ({ host, port }: SocketAddress): string {
  return `${host}:${port}`
}

function openPool ({ host, port }: SocketAddress, settings: ConnectionSettings = {}): Pool {
  return new Pool(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
    // The mesh times requests itself; undici's own limits would cut long answers that Envoy lets run.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize,
    pipelining: 1,
    // A server that ends idle connections after five seconds, as Node's do, must not do so while a request is on its way to a busy machine's proxy.
    keepAliveTimeoutThreshold: 3000,
    connectTimeout: settings.connectTimeout ?? connectTimeout,
    ...(settings.idleTimeout === undefined ? {} : { keepAliveTimeout: settings.idleTimeout, keepAliveMaxTimeout: settings.idleTimeout }),
    ...(settings.maxDuration === undefined ? {} : { clientTtl: settings.maxDuration }),
    ...(settings.keepAlive === undefined ? {} : { connect: { keepAlive: true, keepAliveInitialDelay: settings.keepAlive } })
  })
}
