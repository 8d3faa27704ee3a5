import type { Protocol } from '@bankinfo/mesh'

/** Istio's protocol of each name that a port may begin with, or that stands in `appProtocol`. */
const byName: Readonly<Record<string, Protocol>> = {
  http: 'HTTP',
  http2: 'HTTP2',
  h2c: 'HTTP2',
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  https: 'HTTPS',
  'kubernetes.io/wss': 'HTTPS',
  tls: 'TLS',
  tcp: 'TCP',
  mongo: 'Mongo',
  redis: 'Redis',
  mysql: 'MySQL',
  udp: 'UDP'
}

/**
 * The protocol of a Service port: `appProtocol`, else the port's name up to the first hyphen. A port that says neither is one
 * that Istio looks into at run time; what runs here speaks HTTP there.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function selectProtocol (port: { readonly name?: string, readonly appProtocol?: string, readonly protocol?: string }): Protocol {
  if (port.protocol === 'UDP') return 'UDP'
  const app = byName[port.appProtocol?.toLowerCase() ?? '']
  if (app !== undefined) return app
  const name = port.name?.toLowerCase() ?? ''
  if (name === 'grpc-web' || name.startsWith('grpc-web-')) return 'GRPC-Web'
  return byName[name.split('-')[0] ?? ''] ?? 'HTTP'
}
