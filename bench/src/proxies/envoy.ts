import { authority, matchedRoutes, otherHost, retryOn, subsets, weights, type SceneOptions } from './scene.ts'

/** Istio's default access-log format, as istiod gives it to a sidecar. */
const accessLogFormat = '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% ' +
  '%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" ' +
  '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% ' +
  '%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n'

export interface EnvoyOptions extends SceneOptions {
  /** Takes absolute-form requests. */
  readonly directPort: number
  /** Takes CONNECT and reads what flows inside as HTTP, by the same routes. */
  readonly tunnelPort: number
  readonly accessLog: string
}

/** Envoy's bootstrap for the bench's scene: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto */
export function envoyBootstrap (options: EnvoyOptions): unknown {
  const rules = { hcm: connectionManager(options), address: (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } }) }
  return {
    static_resources: {
      listeners: [
        { name: 'direct', address: rules.address(options.directPort), filter_chains: [{ filters: [rules.hcm] }] },
        { name: 'inside', internal_listener: {}, filter_chains: [{ filters: [rules.hcm] }] },
        { name: 'tunnel', address: rules.address(options.tunnelPort), filter_chains: [{ filters: [tunnelManager()] }] }
      ],
      clusters: [
        ...subsets.map((subset) => cluster(clusterName(subset), { address: rules.address(options.backend.port) })),
        ...Array.from({ length: options.otherHosts }, (_, index) =>
          cluster(otherHost(index), { address: rules.address(options.backend.port) })),
        cluster('inside', { address: { envoy_internal_address: { server_listener_name: 'inside' } } })
      ]
    },
    bootstrap_extensions: [{
      name: 'envoy.bootstrap.internal_listener',
      typed_config: { '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener' }
    }]
  }
}

function clusterName (subset: string): string {
  return `outbound|9080|${subset}|details.default.svc.cluster.local`
}

function cluster (name: string, endpoint: unknown): unknown {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    circuit_breakers: { thresholds: [{ max_connections: 4294967295, max_pending_requests: 4294967295, max_requests: 4294967295, max_retries: 4294967295 }] }
  }
}

function connectionManager ({ otherHosts, accessLog }: EnvoyOptions): unknown {
  const otherVirtualHosts = Array.from({ length: otherHosts }, (_, index) => ({
    name: otherHost(index),
    domains: [otherHost(index), `${otherHost(index)}:9080`],
    routes: [{ match: { prefix: '/' }, route: { cluster: otherHost(index) } }]
  }))
  return httpConnectionManager({
    stat_prefix: 'outbound',
    route_config: {
      name: '9080',
      request_headers_to_remove: ['proxy-authorization'],
      virtual_hosts: [{ name: authority, domains: ['details', authority], routes: routes() }, ...otherVirtualHosts]
    },
    access_log: [{
      name: 'envoy.access_loggers.file',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
        path: accessLog,
        log_format: { text_format_source: { inline_string: accessLogFormat } }
      }
    }]
  })
}

function routes (): unknown[] {
  const action = { timeout: '0s', retry_policy: { retry_on: retryOn, num_retries: 2, host_selection_retry_max_attempts: 5 } }
  const matched = matchedRoutes.map((route) => ({
    match: 'header' in route
      ? { prefix: '/', headers: [{ name: route.header.name, string_match: stringMatch(route.header) }] }
      : { prefix: route.prefix },
    route: { cluster: clusterName(route.subset), ...action }
  }))
  const clusters = subsets.map((subset) => ({ name: clusterName(subset), weight: weights[subset] }))
  return [...matched, { match: { prefix: '/' }, route: { weighted_clusters: { clusters }, ...action } }]
}

function stringMatch (match: { exact?: string, regex?: string }): unknown {
  return match.regex === undefined ? { exact: match.exact } : { safe_regex: { regex: match.regex } }
}

function tunnelManager (): unknown {
  return httpConnectionManager({
    stat_prefix: 'tunnel',
    route_config: {
      virtual_hosts: [{
        name: 'any',
        domains: ['*'],
        routes: [{
          match: { connect_matcher: {} },
          route: { cluster: 'inside', timeout: '0s', upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }] }
        }]
      }]
    },
    upgrade_configs: [{ upgrade_type: 'CONNECT' }]
  })
}

function httpConnectionManager (settings: Record<string, unknown>): unknown {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      http_filters: [{
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' }
      }],
      ...settings
    }
  }
}
