import { ROOT_CONTEXT, SpanKind, SpanStatusCode, propagation, trace, type TextMapGetter } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Tracing, TracingOptions } from '../tracing.ts'

/** A collector that does not answer keeps no process from ending for longer, in milliseconds. */
const closingTime = 1000

const headerGetter: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headers[name]
}

/**
 * Traces in OpenTelemetry's terms: a server span for each request, a client span for each attempt of a call, W3C Trace
 * Context between them, sent in batches by OTLP over HTTP. Attribute names are those of the semantic conventions for HTTP.
 */
export function createTracing (options: TracingOptions): Tracing {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.version': options.version,
      'service.namespace': options.namespace,
      'k8s.pod.name': options.pod,
      'k8s.namespace.name': options.namespace
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` }))]
  })
  const tracer = provider.getTracer('@bankinfo/service')
  const propagator = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] })

  return {
    begin (request) {
      const parent = propagator.extract(ROOT_CONTEXT, request.headers, headerGetter)
      const span = tracer.startSpan(request.method, {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': request.method, 'url.path': request.url.split('?', 1)[0] ?? '', 'bankinfo.request_id': request.id }
      }, parent)
      const context = trace.setSpan(propagation.getBaggage(parent) === undefined ? ROOT_CONTEXT : parent, span)
      return {
        call ({ dependency, method, url }) {
          const callSpan = tracer.startSpan(`${method} ${dependency}`, {
            kind: SpanKind.CLIENT,
            attributes: { 'http.request.method': method, 'url.full': url, 'peer.service': dependency }
          }, context)
          const headers: Record<string, string> = {}
          propagator.inject(trace.setSpan(context, callSpan), headers, { set: (carrier, name, value) => { carrier[name] = value } })
          return {
            headers,
            end (outcome, status) {
              if (status !== undefined) callSpan.setAttribute('http.response.status_code', status)
              if (outcome !== 'ok') callSpan.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR, message: outcome })
              callSpan.end()
            }
          }
        },
        end (status, route) {
          if (route !== undefined) span.updateName(`${request.method} ${route}`).setAttribute('http.route', route)
          span.setAttribute('http.response.status_code', status)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        }
      }
    },
    shutdown: async () => {
      await Promise.race([provider.shutdown(), setTimeout(closingTime, undefined, { ref: false })])
    }
  }
}
