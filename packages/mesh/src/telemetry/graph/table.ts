/** Who calls whom, as a table for a terminal. */
import { columns } from '../columns.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'

const remarks: Readonly<Record<GraphNode['kind'], string>> = { gateway: '', mesh: '', cluster: ' (no sidecar)', external: ' (external)', blocked: ' (blocked)', none: '' }

/** `addedvalues v3`, `styletransfer (no sidecar)`. */
export function nodeName ({ name, version, kind }: GraphNode): string {
  return `${name}${version === undefined ? '' : ` ${version}`}${remarks[kind]}`
}

export function formatGraph ({ window, edges }: Graph): string {
  const seconds = Math.round(window)
  if (edges.length === 0) return `No requests in the last ${seconds} s.\n`
  const withFaults = edges.some(({ faults }) => faults > 0)
  const header = ['FROM', 'TO', 'REQUESTS', 'RATE', 'ERRORS', ...(withFaults ? ['FAULTS'] : []), 'P50', 'P99']
  let last = ''
  const rows = edges.map((edge) => {
    const from = nodeName(edge.from)
    const shown = from === last ? '' : from
    last = from
    return [shown, toName(edge), String(edge.requests), rateOf(edge), shareOf(edge.errors), ...(withFaults ? [edge.faults === 0 ? '' : String(edge.faults)] : []), durationOf(edge.p50), durationOf(edge.p99)]
  })
  return `The last ${seconds} s\n\n${columns([header, ...rows])}`
}

/** The service's name too where it is not the one of those who answer, as with a host that rules send elsewhere. */
function toName ({ to, service, protocol }: GraphEdge): string {
  const other = to.kind === 'none' || service === to.name || service.startsWith(`${to.name}.`) ? '' : `, called as ${service}`
  return `${nodeName(to)}${to.kind === 'none' ? ' (nobody reached)' : ''}${other}${protocol === 'http' ? '' : ` [${protocol}]`}`
}

export function rateOf ({ rate }: Pick<GraphEdge, 'rate'>): string {
  return `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(2)}/s`
}

/** Never 0 % where there was an error, nor 100 % where there was none. */
export function shareOf (share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`
  return share < 0.001 ? '<0.1 %' : share > 0.999 ? '>99.9 %' : `${Number((share * 100).toFixed(1))} %`
}

/** `12 ms`, `1.35 s`. */
export function durationOf (milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '-'
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Number((milliseconds / 1000).toFixed(2))} s`
}
