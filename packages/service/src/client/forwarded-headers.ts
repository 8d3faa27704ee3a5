import type { IncomingHttpHeaders } from 'node:http'

/**
 * The one list of headers that a service hands on with every call it makes for a request: who the user is, and what
 * ties the hops of one request together (W3C Trace Context and Baggage, B3 in its single and multiple form, Envoy's
 * request id). Without it routing by user works at the first hop only and traces fall apart.
 */
const forwarded = ['end-user', 'x-request-id', 'traceparent', 'tracestate', 'baggage', 'b3'] as const
const forwardedPrefix = 'x-b3-'

/** The identity and trace headers among `headers`, to be sent with calls made on behalf of that request. */
export function forwardedHeaders (headers: IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && isForwarded(name)) result[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return result
}

function isForwarded (name: string): boolean {
  return (forwarded as readonly string[]).includes(name) || name.startsWith(forwardedPrefix)
}
