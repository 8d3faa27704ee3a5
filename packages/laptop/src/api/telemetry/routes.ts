import type { FastifyInstance } from 'fastify'
import { formatGraph, formatTrace, formatTraces, graphToDot, graphToMermaid, type Graph, type Telemetry } from '@bankinfo/mesh'
import { ApiError } from '../status.ts'

/** What the mesh tells of its traffic. */
export type TrafficTelemetry = Pick<Telemetry, 'graph' | 'traces' | 'trace'>

/** `GET /bankinfo/v1/graph`, `/bankinfo/v1/traces` and `/bankinfo/v1/traces/ID`: the data, and the text that people read. */
export function registerTelemetry (app: FastifyInstance, telemetry: TrafficTelemetry): void {
  app.get<{ Querystring: { window?: string, output?: string } }>('/bankinfo/v1/graph', ({ query }) => {
    const window = numberOf('window', query.window ?? '60000')
    const format = graphFormats[query.output ?? 'text']
    if (format === undefined) throw new ApiError(400, 'BadRequest', `output "${query.output}" is none of ${Object.keys(graphFormats).join(', ')}`)
    const graph = telemetry.graph(window)
    return { graph, text: format(graph) }
  })
  app.get<{ Querystring: { limit?: string } }>('/bankinfo/v1/traces', ({ query }) => {
    const limit = numberOf('limit', query.limit ?? '20')
    const traces = telemetry.traces().slice(-limit)
    return { traces, text: formatTraces(traces) }
  })
  app.get<{ Params: { id: string }, Querystring: { width?: string } }>('/bankinfo/v1/traces/:id', ({ params: { id }, query }) => {
    const trace = telemetry.trace(id)
    if (trace === undefined) {
      throw new ApiError(404, 'NotFound', `no trace has the id "${id}", or several begin with it. The newest are kept, 4096 spans in all: "pnpm bankinfo trace" lists the newest`)
    }
    return { trace, text: formatTrace(trace, { width: numberOf('width', query.width ?? '120') }) }
  })
}

const graphFormats: Readonly<Record<string, (graph: Graph) => string>> = { text: formatGraph, dot: graphToDot, mermaid: graphToMermaid }

function numberOf (name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new ApiError(400, 'BadRequest', `${name} "${text}" is not a positive whole number`)
  return value
}
