/** A prediction read the way a test asks: shares of statuses and flags, destinations by name. */
import type { PredictedDestination, Prediction } from '@bankinfo/mesh'

/** Shares in per cent, the greatest first. */
export type Shares<T> = ReadonlyMap<T, number>

/** The status that a caller gets; undefined: the connection ends without an answer. */
export function statusShares ({ abort, ends }: Prediction): Shares<number | undefined> {
  const aborted = abort?.percentage ?? 0
  return sum([
    ...(abort === undefined ? [] : [[abort.status, aborted] as const]),
    ...ends.map(({ response, share }) => [response?.status, share * (100 - aborted) / 100] as const)
  ])
}

export function flagShares ({ delay, abort, ends }: Prediction): Shares<string> {
  const [delayed, aborted] = [delay?.percentage ?? 0, abort?.percentage ?? 0]
  const withDelay = (flags: string, share: number) => [
    [flags === '-' ? 'DI' : `DI,${flags}`, share * delayed / 100] as const,
    [flags, share * (100 - delayed) / 100] as const
  ]
  return sum([
    ...withDelay('FI', aborted),
    ...ends.flatMap(({ flags, share }) => withDelay(flags, share * (100 - aborted) / 100))
  ])
}

function sum<T> (parts: ReadonlyArray<readonly [T, number]>): Shares<T> {
  const shares = new Map<T, number>()
  for (const [key, share] of parts) if (share > 0) shares.set(key, (shares.get(key) ?? 0) + share)
  return new Map([...shares].sort(([, a], [, b]) => b - a))
}

/** `v1 50 %, v3 50 %`; a share of everything is not named. */
export function sharesInWords<T> (shares: Shares<T>, inWords: (key: T) => string): string {
  if (shares.size === 0) return 'nothing'
  return [...shares].map(([key, share]) => shares.size === 1 ? inWords(key) : `${inWords(key)} ${percent(share)}`).join(', ')
}

export function percent (share: number): string {
  return `${Math.round(share * 10_000) / 10_000} %`
}

/** Thirds are no decimals. */
export function isShare (share: number, expected: number): boolean {
  return Math.abs(share - expected) < 0.01
}

const clusterSuffix = '.svc.cluster.local'

/** A host without a dot is a Service of the namespace, as in a rule. */
export function wholeHost (host: string, namespace: string): string {
  return host.includes('.') ? host.toLowerCase() : `${host.toLowerCase()}.${namespace}${clusterSuffix}`
}

/** As short as it can be said in the namespace. */
export function shortHost (host: string, namespace: string): string {
  const suffix = `.${namespace}${clusterSuffix}`
  return host.endsWith(suffix) ? host.slice(0, -suffix.length) : host
}

/** `addedvalues:9080/v3` */
export function destinationInWords (destination: Pick<PredictedDestination, 'host' | 'port' | 'subset'>, namespace: string): string {
  const { host, port, subset } = destination
  return `${shortHost(host, namespace)}:${port}${subset === undefined ? '' : `/${subset}`}`
}

/** A cluster's name in Envoy's form, taken apart. */
export function destinationNamed (cluster: string): Pick<PredictedDestination, 'host' | 'port' | 'subset'> {
  const [, port = '', subset = '', host = ''] = cluster.split('|')
  return { host, port: Number(port), ...(subset === '' ? {} : { subset }) }
}

/** Whether a key of `shares` (SUBSET, HOST, HOST:PORT, HOST/SUBSET, HOST:PORT/SUBSET) means a destination. */
export function isNamed (key: string, destination: Pick<PredictedDestination, 'host' | 'port' | 'subset'>, namespace: string): boolean {
  if (key === destination.subset) return true
  const [place = '', subset] = key.split('/')
  const [host = '', port] = place.split(':')
  return wholeHost(host, namespace) === destination.host && (port === undefined || Number(port) === destination.port) && (subset === undefined || subset === destination.subset)
}
