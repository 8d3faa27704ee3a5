import { setTimeout as pause } from 'node:timers/promises'
import { arrayOf, fieldOf, recordOf, textOf } from '../../resources/json.ts'
import { CliError, type CliContext } from '../command.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import { itemsOf } from '../selection/select.ts'
import { linesOf } from '../selection/watch-events.ts'
import type { Caller } from './from-pod.ts'

/** How many calls had which flags; "-" is none. */
export type FlagCounts = Readonly<Record<string, number>>

export interface FlagWatch {
  /** Waits for a line about each of so many calls, but not long for lines that do not come. */
  counted(calls: number): Promise<FlagCounts>
  stop(): void
}

interface Proxy {
  readonly namespace: string
  readonly name: string
}

/** The log is behind the calls by no more than this, in milliseconds. */
const patience = 2000

/**
 * Follows the access log of the proxy that the calls go through first (the caller's sidecar, or the ingress gateways for calls from
 * outside) and counts the response flags of the lines that carry the run's id. Undefined where there is no such proxy or no cluster.
 */
export async function watchFlags (context: CliContext, { caller, runId }: { readonly caller: Caller | undefined, readonly runId: string }): Promise<FlagWatch | undefined> {
  const proxies = await proxiesOf(context, caller)
  if (proxies.length === 0) return undefined
  const client = await context.connect()
  const abort = new AbortController()
  const counts: Record<string, number> = {}
  const seen = (): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
  await Promise.all(proxies.map(async (proxy) => {
    const stream = await client.stream(`${resourcePath(oneKind('pods'), proxy)}/log`, {
      query: { container: 'istio-proxy', follow: 'true', tailLines: '0' }, signal: abort.signal
    })
    const count = async (): Promise<void> => {
      for await (const line of linesOf(stream)) {
        const flags = line.includes(runId) ? flagsOf(line) : undefined
        if (flags === undefined) continue
        counts[flags] = (counts[flags] ?? 0) + 1
      }
    }
    // A log that ends in the middle leaves its calls uncounted, as a pod does that is restarted.
    count().catch(() => {})
  }))
  return {
    counted: async (calls) => {
      let before = -1
      let since = performance.now()
      for (let now = seen(); now < calls && performance.now() - since < patience; now = seen()) {
        if (now !== before) since = performance.now()
        before = now
        await pause(20)
      }
      return counts
    },
    stop: () => { abort.abort() }
  }
}

async function proxiesOf (context: CliContext, caller: Caller | undefined): Promise<readonly Proxy[]> {
  if (caller !== undefined) return caller.sidecar ? [caller] : []
  try {
    const list = await (await context.connect()).request('GET', '/api/v1/pods', { query: { labelSelector: 'istio=ingressgateway' } })
    return itemsOf(list)
      .filter((pod) => arrayOf(fieldOf(pod, 'status', 'containerStatuses')).some((status) => recordOf(status).ready === true))
      .map((pod) => ({ namespace: textOf(fieldOf(pod, 'metadata', 'namespace')), name: textOf(fieldOf(pod, 'metadata', 'name')) }))
  } catch (error) {
    // A server of this machine may be called without a cluster.
    if (error instanceof CliError) return []
    throw error
  }
}

/** The response flags of a line in Istio's default format: what follows the status. https://istio.io/latest/docs/tasks/observability/logs/access-log/ */
export function flagsOf (line: string): string | undefined {
  return /^\[[^\]]*\] "[^"]*" \d+ (\S+) /.exec(line)?.[1]
}
