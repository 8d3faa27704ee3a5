import { describeTarget, runLoad, type LoadResult } from '@bankinfo/load'
import type { LoadPlan } from './plan.ts'

/** Makes the calls from this process: no proxy of the user's environment is asked. */
export async function runOutside (plan: LoadPlan, signal: AbortSignal): Promise<LoadResult> {
  const { url, method, headers, body, connections, requests, durationMs, rate, timeoutMs, insecure } = plan
  const target = describeTarget({ url: url.href, method, headers, insecure, ...(body === undefined ? {} : { body: Buffer.from(body) }) })
  return await runLoad({ target, connections, requests, durationMs, rate, timeoutMs, signal })
}
