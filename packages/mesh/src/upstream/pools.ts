/** Kept connections to real addresses, one undici pool each, closed when their address leaves the cluster. */
import { Pool } from 'undici'
import type { SocketAddress } from '../model.ts'

export interface Pools {
  readonly get: (address: SocketAddress) => Pool
  /** Closes, once idle, pools whose address has left the cluster, and those of the outside that nobody has used since the last call. */
  readonly retain: (live: ReadonlySet<string>) => void
  readonly close: () => Promise<void>
}

interface Entry {
  readonly pool: Pool
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
  const pools = new Map<string, Entry>()
  // The same address object comes again with each request.
  const byObject = new WeakMap<SocketAddress, Entry>()
  return {
    get: (address) => {
      const found = byObject.get(address)
      if (found !== undefined && !found.closed) {
        found.used = true
        return found.pool
      }
      const key = `${address.host}:${address.port}`
      let entry = pools.get(key)
      if (entry === undefined) {
        const host = address.host.includes(':') ? `[${address.host}]` : address.host
        // The mesh times requests itself; undici's own limits would cut long answers that Envoy lets run.
        const pool = new Pool(`http://${host}:${address.port}`, { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize, pipelining: 1, connectTimeout })
        entry = { pool, live: false, used: true, closed: false }
        pools.set(key, entry)
      }
      entry.used = true
      byObject.set(address, entry)
      return entry.pool
    },
    retain: (live) => {
      for (const [key, entry] of pools) {
        const left = entry.live && !live.has(key)
        entry.live = live.has(key)
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
      await Promise.all(all.map(async ({ pool }) => await pool.destroy()))
    }
  }
}
