import type { Container, Probe } from 'kubernetes-types/core/v1.js'
import type { Frozen } from '../controllers/kinds.ts'
import type { RemarkOn } from './container.ts'
import { probeTcp, runProbe, type ProbeTarget } from './probe.ts'

export interface ProbesOptions {
  readonly spec: Frozen<Container>
  readonly target: ProbeTarget
  readonly remark: RemarkOn
  readonly onChange: (change: { ready?: boolean, started?: boolean }) => void
  /** The startup or liveness probe has failed too often. */
  readonly onUnhealthy: (what: 'startup' | 'liveness') => void
  readonly onError: (error: unknown) => void
}

/** Between the probes of a container that has yet to come up, in milliseconds: whoever waits for it shall not wait for a period. */
const eager = 100

/** A container without probes counts as started once it listens, or after this time when it never does, in milliseconds. */
const patience = 5000

/**
 * The startup, readiness and liveness probes of one container's process, as the kubelet runs them, with one difference: until
 * the container is ready for the first time it is asked every 100 ms.
 * https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
export function startProbes (options: ProbesOptions): { stop(): void } {
  const abort = new AbortController()
  const { signal } = abort
  run(options, signal).catch(options.onError)
  return { stop: () => abort.abort() }
}

async function run (options: ProbesOptions, signal: AbortSignal): Promise<void> {
  const { spec } = options
  if (spec.startupProbe !== undefined && !await startup(options, spec.startupProbe, signal)) return
  if (signal.aborted) return
  options.onChange({ started: true })
  if (spec.livenessProbe !== undefined) liveness(options, spec.livenessProbe, signal).catch(options.onError)
  if (spec.readinessProbe !== undefined) {
    await readiness(options, spec.readinessProbe, signal)
    return
  }
  if (spec.startupProbe === undefined) await listening(options, signal)
  if (!signal.aborted) options.onChange({ ready: true })
}

// Kubernetes calls such a container ready at once; a process that compiles its code first would refuse its first callers.
async function listening ({ spec, target }: ProbesOptions, signal: AbortSignal): Promise<void> {
  const port = spec.ports?.find(({ protocol }) => protocol !== 'UDP')?.containerPort
  if (port === undefined) return
  const deadline = Date.now() + patience
  while (!signal.aborted && Date.now() < deadline) {
    if (await probeTcp(target.address(port), 1000) === undefined) return
    await pause(eager, signal)
  }
}

async function startup (options: ProbesOptions, probe: Frozen<Probe>, signal: AbortSignal): Promise<boolean> {
  const period = seconds(probe.periodSeconds, 10)
  await pause(seconds(probe.initialDelaySeconds, 0), signal)
  const deadline = Date.now() + period * (probe.failureThreshold ?? 3)
  while (!signal.aborted) {
    const failure = await runProbe(probe, options.target)
    if (failure === undefined) return true
    if (signal.aborted) break
    if (Date.now() >= deadline) {
      options.remark({ type: 'Warning', reason: 'Unhealthy', message: `Startup probe failed: ${failure}` })
      options.onUnhealthy('startup')
      return false
    }
    await pause(Math.min(period, eager), signal)
  }
  return false
}

async function readiness (options: ProbesOptions, probe: Frozen<Probe>, signal: AbortSignal): Promise<void> {
  const period = seconds(probe.periodSeconds, 10)
  let ready = false
  let everReady = false
  let passed = 0
  let failed = 0
  await pause(seconds(probe.initialDelaySeconds, 0), signal)
  while (!signal.aborted) {
    const failure = await runProbe(probe, options.target)
    if (signal.aborted) return
    if (failure === undefined) {
      failed = 0
      passed++
      if (!ready && passed >= (probe.successThreshold ?? 1)) {
        ready = everReady = true
        options.onChange({ ready })
      }
    } else {
      passed = 0
      failed++
      if (everReady) options.remark({ type: 'Warning', reason: 'Unhealthy', message: `Readiness probe failed: ${failure}` })
      if (ready && failed >= (probe.failureThreshold ?? 3)) {
        ready = false
        options.onChange({ ready })
      }
    }
    await pause(everReady ? period : Math.min(period, eager), signal)
  }
}

async function liveness (options: ProbesOptions, probe: Frozen<Probe>, signal: AbortSignal): Promise<void> {
  const period = seconds(probe.periodSeconds, 10)
  let failed = 0
  await pause(seconds(probe.initialDelaySeconds, 0) + period, signal)
  while (!signal.aborted) {
    const failure = await runProbe(probe, options.target)
    if (signal.aborted) return
    failed = failure === undefined ? 0 : failed + 1
    if (failure !== undefined) options.remark({ type: 'Warning', reason: 'Unhealthy', message: `Liveness probe failed: ${failure}` })
    if (failed >= (probe.failureThreshold ?? 3)) {
      options.onUnhealthy('liveness')
      return
    }
    await pause(period, signal)
  }
}

function seconds (value: number | undefined, fallback: number): number {
  return (value ?? fallback) * 1000
}

async function pause (ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
