import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type IdGenerator } from '@opentelemetry/sdk-trace-base'
import { setTimeout } from 'node:timers/promises'
import type { Span } from '@bankinfo/mesh'

/** For one batch with all its tries, in milliseconds: until then the process does not end. */
const sendingTime = 1000

/** A collector that does not answer holds nobody up for longer, in milliseconds. */
const closingTime = 500

export interface SpanExport {
  readonly send: (spans: readonly Span[]) => void
  /** Sends what is still queued. */
  readonly close: () => Promise<void>
}

/**
 * Sends the proxies' spans to a collector, in batches, by OTLP over HTTP. Each proxy is a service of its own there, as on a cluster:
 * `productpage.default`.
 * @param endpoint base address of the collector; spans go to its /v1/traces
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function createSpanExport (endpoint: string): SpanExport {
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: sendingTime }), { scheduledDelayMillis: 1000 })
  const tracers = new Map<string, Tracer>()
  // The proxies have given the ids already, and passed them on; the next span takes them.
  let next = { traceId: '', spanId: '' }
  const idGenerator: IdGenerator = { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId }

  const tracerOf = (service: string): Tracer => {
    let tracer = tracers.get(service)
    if (tracer === undefined) {
      const provider = new BasicTracerProvider({ idGenerator, resource: resourceFromAttributes({ 'service.name': service }), spanProcessors: [processor] })
      tracers.set(service, tracer = provider.getTracer('istio-proxy'))
    }
    return tracer
  }

  return {
    send: (spans) => {
      for (const { traceId, spanId, parentSpanId, service, operation, kind, startTime, duration, error, tags, tries } of spans) {
        next = { traceId, spanId }
        const parent = parentSpanId === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
        const span = tracerOf(service).startSpan(operation, { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, startTime, attributes: tags }, parent)
        for (const { upstreamHost, outcome, startTime: begin, duration: took } of tries ?? []) {
          span.addEvent('attempt', { 'peer.address': upstreamHost, outcome, 'duration.ms': took }, begin)
        }
        if (error) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end(startTime + duration)
      }
    },
    close: async () => {
      // Spans that no collector takes are lost, which is no failure of the cluster's.
      await Promise.race([processor.shutdown().catch(() => {}), setTimeout(closingTime, undefined, { ref: false })])
    }
  }
}
