import { Writable } from 'node:stream'
import type { LoadReport } from '@bankinfo/load'
import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure, type Client } from '../client.ts'
import { CliError, textOption, type CliContext } from '../command.ts'
import { chooseContainer, choosePod, podName, podsBehind } from '../pods/pod-target.ts'
import { execute } from '../pods/exec.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import type { LoadPlan } from './plan.ts'

/** The pod that makes the calls. */
export interface Caller {
  readonly name: string
  readonly namespace: string
  readonly container: string | undefined
  readonly sidecar: boolean
}

/** @param from POD, TYPE/NAME, or the name of a deployment or service. @throws CliError when there is none */
export async function findCaller (context: CliContext, from: string): Promise<Caller> {
  const client = await context.connect()
  const pods = await podsOf(context, client, from)
  const pod = choosePod(context, pods)
  const sidecar = ['initContainers', 'containers'].some((field) =>
    arrayOf(fieldOf(pod, 'spec', field)).some((container) => textOf(recordOf(container).name) === 'istio-proxy'))
  return {
    name: podName(pod),
    namespace: textOf(fieldOf(pod, 'metadata', 'namespace')),
    container: chooseContainer({ ...context, stderr: nowhere }, pod),
    sidecar
  }
}

async function podsOf (context: CliContext, client: Client, from: string): Promise<readonly JsonRecord[]> {
  const names = from.includes('/') ? [from] : [from, `deploy/${from}`, `svc/${from}`]
  for (const name of names) {
    try {
      return await podsBehind(context, client, name)
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 404) throw error
    }
  }
  throw new CliError(`there is no pod, deployment or service "${from}" in namespace "${textOption(context, 'namespace') ?? 'default'}" to call from`)
}

/**
 * Makes the calls in the pod, with labtools' fortio, which goes by the pod's proxy. What fortio counted is read from its JSON.
 * @throws CliError with fortio's words when it could not run
 */
export async function loadFromPod (context: CliContext, plan: LoadPlan, caller: Caller): Promise<LoadReport> {
  const [stdout, stderr] = [collector(), collector()]
  const path = `${resourcePath(oneKind('pods'), { namespace: caller.namespace, name: caller.name })}/exec`
  const exitCode = await execute({ ...context, options: {}, stdout: stdout.stream, stderr: stderr.stream }, await context.connect(), {
    path, container: caller.container, command: fortioCommand(plan)
  })
  if (exitCode !== 0) throw new CliError(`the load could not run in pod ${caller.name}: ${stderr.text().trim() || `exit code ${exitCode}`}`)
  return readFortio(JSON.parse(stdout.text()))
}

const percents = [50, 75, 90, 99, 99.9]

/** The plan as a command line of fortio. */
export function fortioCommand (plan: LoadPlan): readonly string[] {
  const { url, method, headers, body, connections, requests, durationMs, rate, timeoutMs, insecure } = plan
  return [
    'fortio', 'load', '-quiet', '-json', '-', '-warmup=false', '-c', String(connections), '-qps', String(rate ?? 0), '-timeout', `${timeoutMs}ms`, '-p', percents.join(','),
    ...(requests === undefined ? [] : ['-n', String(requests)]),
    ...(durationMs === undefined ? [] : ['-t', `${durationMs}ms`]),
    ...(insecure ? ['-k'] : []),
    '-X', method,
    ...headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(body === undefined ? [] : ['-payload', body]),
    url.href
  ]
}

/** A report out of fortio's JSON. */
export function readFortio (json: unknown): LoadReport {
  const histogram = recordOf(fieldOf(json, 'DurationHistogram'))
  const percentiles = arrayOf(histogram.Percentiles).map(recordOf).map(({ Percentile, Value }) => [String(Percentile), numberOf(Value)] as const)
  return {
    calls: numberOf(histogram.Count),
    seconds: numberOf(fieldOf(json, 'ActualDuration')) / 1e9,
    rate: numberOf(fieldOf(json, 'ActualQPS')),
    sockets: numberOf(fieldOf(json, 'SocketCount')),
    statuses: countsOf(fieldOf(json, 'RetCodes')),
    errors: countsOf(fieldOf(json, 'Errors')),
    latency: {
      min: numberOf(histogram.Min),
      mean: numberOf(histogram.Avg),
      max: numberOf(histogram.Max),
      standardDeviation: numberOf(histogram.StdDev),
      percentiles: Object.fromEntries(percentiles)
    },
    interrupted: false
  }
}

function countsOf (value: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, count]) => [key, numberOf(count)]))
}

function numberOf (value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function collector (): { readonly stream: Writable, readonly text: () => string } {
  const pieces: Buffer[] = []
  const stream = new Writable({
    write (piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    }
  })
  return { stream, text: () => Buffer.concat(pieces).toString('utf8') }
}

/** Which container was taken is of no interest here. */
const nowhere = new Writable({ write (_data, _encoding, done) { done() } })
