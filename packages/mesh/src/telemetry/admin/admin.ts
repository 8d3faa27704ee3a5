/**
 * The ports of a sidecar's and a gateway's own: Envoy's administration interface (15000), what Prometheus reads (15020, 15090), and
 * whether it is ready (15021).
 * https://www.envoyproxy.io/docs/envoy/latest/operations/admin
 * https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
 */
import { RE2JS } from 're2js'
import { clustersText } from './clusters.ts'
import { prometheusFamilies, resetCounters, statisticsOf, type Baselines, type Statistic } from './statistics.ts'
import { exposition, contentType } from '../metrics/exposition.ts'
import type { ProxyContext } from '../../proxy/context.ts'
import type { Workload } from '../../model.ts'

export interface AdminRequest {
  readonly port: number
  readonly method: string
  /** Path and query. */
  readonly path: string
}

export interface AdminAnswer {
  readonly status: number
  readonly body: string
  readonly contentType: string
}

export interface AdminSubject {
  readonly context: ProxyContext
  readonly workload: Workload
}

interface Command {
  readonly summary: string
  /** Changes something, so GET is refused. */
  readonly post?: boolean
  readonly answer: (query: URLSearchParams, subject: AdminSubject) => AdminAnswer | Promise<AdminAnswer>
}

/** What of Envoy's interface there is here. */
const commands: Readonly<Record<string, Command>> = {
  '/clusters': { summary: 'upstream cluster status', answer: (query, { context }) => text(clustersText(context.clusters().filter(({ cluster }) => search(query.get('filter'))(cluster.name)))) },
  '/help': { summary: 'print out list of admin commands', answer: () => text(help()) },
  '/ready': { summary: 'print server state, return 200 if LIVE, otherwise return 503', answer: () => text('LIVE\n') },
  '/reset_counters': {
    summary: 'reset all counters to zero',
    post: true,
    answer: (_query, { context }) => {
      resetCounters(context, baselinesOf(context))
      context.telemetry?.resetMetrics(context.workload)
      return text('OK\n')
    }
  },
  '/server_info': { summary: 'print server version/status information', answer: (_query, subject) => json(serverInfo(subject), 1) },
  '/stats': { summary: 'print server stats (filter=REGEX, usedonly, format=text|json|prometheus, type=Counters|Gauges)', answer: stats },
  '/stats/prometheus': { summary: 'print server stats in prometheus format (filter=REGEX, usedonly)', answer: (query, subject) => prometheus(query, subject) }
}

/** The answer of one of a proxy's own ports. */
export async function answerAdmin ({ port, method, path }: AdminRequest, subject: AdminSubject): Promise<AdminAnswer> {
  const query = path.indexOf('?')
  const name = query === -1 ? path : path.slice(0, query)
  const parameters = new URLSearchParams(query === -1 ? '' : path.slice(query + 1))
  if (port === 15021 || port === 15020) {
    if (name === '/healthz/ready') return text('')
    return port === 15020 && name === '/stats/prometheus' ? await prometheus(parameters, subject) : notFound(port)
  }
  if (port === 15090) return name === '/stats/prometheus' ? await prometheus(parameters, subject) : notFound(port)
  const command = commands[name === '/' ? '/help' : name]
  if (command === undefined) return { ...text(`invalid path. ${help()}`), status: 404 }
  if (command.post === true && method !== 'POST') return { ...text(`Method ${method} not allowed, POST required.`), status: 405 }
  try {
    return await command.answer(parameters, subject)
  } catch (error) {
    if (!(error instanceof BadFilter)) throw error
    return { ...text(error.message), status: 400 }
  }
}

function stats (query: URLSearchParams, subject: AdminSubject): AdminAnswer | Promise<AdminAnswer> {
  const found = select(query, subject)
  switch (query.get('format') ?? 'text') {
    case 'json': return json({ stats: found.map(({ name, value }) => ({ name, value })) })
    case 'prometheus': return prometheus(query, subject)
    case 'text': return text(found.map(({ name, value }) => `${name}: ${value}\n`).join(''))
    default: return { ...text('usage: /stats?format=(text|json|prometheus)\n'), status: 400 }
  }
}

/** Istio's standard metrics are not among what the annotation chooses: they always show. */
async function prometheus (query: URLSearchParams, subject: AdminSubject): Promise<AdminAnswer> {
  const { context } = subject
  const matches = search(query.get('filter'))
  const standard = context.telemetry?.metrics(context.workload).filter(({ name }) => matches(name)) ?? []
  return { status: 200, body: await exposition([...prometheusFamilies(select(query, subject)), ...standard]), contentType }
}

const types: Readonly<Record<string, Statistic['type']>> = { Counters: 'counter', Gauges: 'gauge' }

function select (query: URLSearchParams, { context, workload }: AdminSubject): Statistic[] {
  const matches = search(query.get('filter'))
  const type = types[query.get('type') ?? '']
  const used = query.has('usedonly')
  return statisticsOf(context, workload, baselinesOf(context)).filter((statistic) => matches(statistic.name) && (!used || statistic.value !== 0) && (type === undefined || statistic.type === type))
}

const noBaselines: Baselines = new Map()

function baselinesOf ({ telemetry, workload }: ProxyContext): Baselines {
  return telemetry?.baselines(workload) ?? noBaselines
}

class BadFilter extends Error {}

/** A regular expression (RE2) that is found anywhere in the name. */
function search (filter: string | null): (name: string) => boolean {
  if (filter === null || filter === '') return () => true
  try {
    const pattern = RE2JS.compile(filter)
    return (name) => pattern.matcher(name).find()
  } catch (error) {
    throw new BadFilter(`Invalid re2 regex: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function serverInfo ({ workload }: AdminSubject): object {
  const type = workload.kind === 'gateway' ? 'router' : 'sidecar'
  return {
    version: 'bankinfo',
    state: 'LIVE',
    node: {
      id: `${type}~${workload.ip}~${workload.name}.${workload.namespace}~${workload.namespace}.svc.cluster.local`,
      cluster: `${workload.labels['app'] ?? workload.name}.${workload.namespace}`
    }
  }
}

function help (): string {
  const lines = Object.entries(commands).map(([name, { summary, post }]) => `  ${name}${post === true ? ' (POST)' : ''}: ${summary}\n`)
  return `admin commands are:\n  /: Admin home page\n${lines.join('')}`
}

function notFound (port: number): AdminAnswer {
  return { status: 404, body: port === 15020 ? '404 page not found\n' : '', contentType: 'text/plain; charset=utf-8' }
}

function text (body: string): AdminAnswer {
  return { status: 200, body, contentType: 'text/plain; charset=UTF-8' }
}

function json (value: object, indent?: number): AdminAnswer {
  return { status: 200, body: JSON.stringify(value, undefined, indent) + (indent === undefined ? '' : '\n'), contentType: 'application/json' }
}
