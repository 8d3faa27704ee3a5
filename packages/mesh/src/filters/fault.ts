/**
 * Fault injection: some requests wait, some are answered with an error before they reach the router.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter
 */
import { happens, partsPerMillion, percentInWords, type PercentSpec } from './percentage.ts'
import { grpcStatusCode } from './grpc-status.ts'
import { parseDuration } from '../rules/duration.ts'
import type { HttpFilter, Stream } from './filter.ts'
import type { LocalReply } from '../http/failure.ts'

export interface FaultSpec {
  delay?: { fixedDelay?: string, percentage?: PercentSpec, percent?: number }
  abort?: { httpStatus?: number, grpcStatus?: string, percentage?: PercentSpec }
}

export interface FaultConfig {
  readonly kind: 'fault'
  readonly delay?: { readonly milliseconds: number, readonly parts: number }
  readonly abort?: { readonly status: number, readonly grpcStatus?: number, readonly parts: number }
}

/** What becomes of one request; the two shares are drawn apart from each other. */
export interface FaultDecision {
  /** Milliseconds. */
  readonly delay: number
  readonly abort: LocalReply | undefined
}

export const fault: HttpFilter<FaultConfig> = { compile, decode, tell }

/** Without a percentage nothing happens: the share is 0, not 100 (measured). */
function compile ({ fault: spec }: { fault?: FaultSpec }): FaultConfig | undefined {
  const delay = parseDuration(spec?.delay?.fixedDelay ?? '')
  const { abort } = spec ?? {}
  const config: FaultConfig = {
    kind: 'fault',
    ...(delay === undefined ? {} : { delay: { milliseconds: delay, parts: partsPerMillion(spec?.delay?.percentage?.value ?? spec?.delay?.percent ?? 0) } }),
    ...(abort?.httpStatus === undefined && abort?.grpcStatus === undefined ? {} : { abort: { ...statusOf(abort), parts: partsPerMillion(abort.percentage?.value ?? 0) } })
  }
  return (config.delay?.parts ?? 0) + (config.abort?.parts ?? 0) === 0 ? undefined : config
}

/** A gRPC status goes to a plain HTTP client as 200 (measured). */
function statusOf ({ httpStatus = 200, grpcStatus }: { httpStatus?: number, grpcStatus?: string }): { status: number, grpcStatus?: number } {
  return grpcStatus === undefined ? { status: httpStatus } : { status: 200, grpcStatus: grpcStatusCode(grpcStatus) }
}

export function decideFault ({ delay, abort }: FaultConfig, random: () => number): FaultDecision {
  return {
    delay: delay !== undefined && happens(delay.parts, random) ? delay.milliseconds : 0,
    abort: abort !== undefined && happens(abort.parts, random)
      ? {
          status: abort.status,
          flags: 'FI',
          details: 'fault_filter_abort',
          body: 'fault filter abort',
          ...(abort.grpcStatus === undefined ? {} : { grpcStatus: abort.grpcStatus })
        }
      : undefined
  }
}

function decode (config: FaultConfig, stream: Stream, next: () => void): void {
  const { delay, abort } = decideFault(config, stream.random)
  const goOn = (): void => {
    if (abort === undefined) next()
    else stream.answer(abort)
  }
  if (delay === 0) {
    goOn()
    return
  }
  stream.flag('DI')
  stream.wait(delay, goOn)
}

function tell ({ delay, abort }: FaultConfig): string[] {
  return [
    ...(delay === undefined || delay.parts === 0 ? [] : [`fault: ${percentInWords(delay.parts)} wait ${delay.milliseconds} ms first (DI); the route's timeout starts after that`]),
    ...(abort === undefined || abort.parts === 0
      ? []
      : [`fault: ${percentInWords(abort.parts)} are answered ${abort.status}${abort.grpcStatus === undefined ? '' : ` (gRPC status ${abort.grpcStatus})`} by the proxy itself (FI), without a retry`])
  ]
}
