import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { validateRule } from './validate-rule.ts'

const kinds = { vs: 'VirtualService', dr: 'DestinationRule', gw: 'Gateway', se: 'ServiceEntry', sc: 'Sidecar' } as const
const validate = (kind: keyof typeof kinds, spec: string) => validateRule({ apiVersion: 'networking.istio.io/v1', kind: kinds[kind], metadata: { name: 'w', namespace: 'default' }, spec: parse(spec) as unknown })
const route = 'route: [{destination: {host: echo}}]'
const http = (fields: string) => `{hosts: [w], http: [{${fields}}]}`

describe('validateRule', () => {
  it.each([
    ['vs', http('route: [{destination: {host: a}, weight: -1}]'), 'weight -1 < 0'],
    ['vs', http('route: [{destination: {host: a}, weight: 0}, {destination: {host: b}, weight: 0}]'), 'total destination weight = 0'],
    ['vs', http('match: [{uri: {exact: /}}]'), 'HTTP route, redirect or direct_response is required'],
    ['vs', '{hosts: [w]}', 'http, tcp or tls must be provided in virtual service'],
    ['vs', `{hosts: [w, w], http: [{${route}}]}`, 'duplicate hosts in virtual service: w & w'],
    ['vs', `{hosts: ["*.a.b", x.a.b], http: [{${route}}]}`, 'duplicate hosts in virtual service: *.a.b & x.a.b'],
    ['vs', `{hosts: ["*"], http: [{${route}}]}`, 'wildcard host * is not allowed for virtual services bound to the mesh gateway'],
    ['vs', `{hosts: [a_b], http: [{${route}}]}`, 'domain name "a_b" invalid (label "a_b" invalid)'],
    ['vs', `{gateways: [g], http: [{${route}}]}`, 'delegate virtual service must have no gateways specified'],
    ['vs', `{hosts: [w], gateways: ["a/"], http: [{${route}}]}`, '2 errors occurred:\n\t* config namespace and gateway name cannot be empty\n\t* invalid value for gateway name: ""\n\n'],
    ['vs', http(`fault: {abort: {httpStatus: 700}}, ${route}`), 'HTTP status 700 is not in range 200-599'],
    ['vs', http(`fault: {abort: {httpStatus: 500, percentage: {value: 150}}}, ${route}`), 'percentage 150 is neither 0.0, nor in range [0.0001, 100.0]'],
    ['vs', http(`fault: {}, ${route}`), '1 error occurred:\n\t* HTTP fault injection must have an abort and/or a delay\n\n'],
    ['vs', http(`match: [{uri: {regex: "["}}], ${route}`), '"uri": error parsing regexp: missing closing ]: `[`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)'],
    ['vs', http(`match: [{headers: {x: {regex: "(?=a)"}}}], ${route}`), '"headers": error parsing regexp: invalid or unsupported Perl syntax: `(?=`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)'],
    ['vs', http(`match: [{headers: {x: {regex: "a\\\\"}}}], ${route}`), '"headers": error parsing regexp: trailing backslash at end of expression: ``; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)'],
    ['vs', http(`match: [{uri: {regex: ${'a'.repeat(1025)}}}], ${route}`), '"uri": regex is too large, max length allowed is 1024'],
    ['vs', http(`match: [{method: {prefix: ""}}], ${route}`), '"method": prefix string match should not be empty'],
    ['vs', http(`match: [{headers: {"a b": {exact: x}}}], ${route}`), 'header name a b is not a valid header name'],
    ['vs', http(`match: [{sourceLabels: {"a b": x}}], ${route}`), '1 error occurred:\n\t* invalid tag key: "a b"\n\n'],
    ['vs', http(`retries: {attempts: 1, retryOn: "5xx,nonsense"}, ${route}`), '"nonsense" is not a valid retryOn policy'],
    ['vs', http(`retries: {attempts: 0, retryOn: 5xx}, ${route}`), 'http retry policy configured when attempts are set to 0 (disabled)'],
    ['vs', http(`redirect: {uri: /x}, ${route}`), 'HTTP route cannot contain both route and redirect'],
    ['vs', http('redirect: {uri: /x}, fault: {delay: {fixedDelay: 1s}}'), 'HTTP route cannot contain both fault and redirect'],
    ['vs', http('directResponse: {status: 99}'), 'HTTP status 99 is not in range 200-599'],
    ['vs', http('redirect: {}'), 'redirect must specify URI, authority, scheme, or port'],
    ['vs', http(`rewrite: {}, ${route}`), 'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified'],
    ['vs', http(`headers: {request: {set: {":path": x}}}, ${route}`), 'invalid header ":path": header cannot have ":" prefix'],
    ['vs', http(`headers: {response: {set: {x: "a%b"}}}, ${route}`), 'header value configuration: invalid header configuration. Un-terminated variable expression \'a%b\''],
    ['vs', http(`timeout: 0s, ${route}`), 'duration must be greater than 1ms'],
    ['vs', http('route: [{destination: {host: a, subset: "v 1", port: {number: 0}}}]'), '2 errors occurred:\n\t* subset name is invalid: v 1\n\t* port number 0 must be in the range 1..65535\n\n'],
    ['vs', '{hosts: [w], tls: [{match: [{sniHosts: [x]}], route: [{destination: {host: a}}]}]}', 'SNI host "x" is not a compatible subset of any of the virtual service hosts: [w]'],
    ['vs', '{hosts: [w], tcp: [{}]}', 'TCP route is required'],
    ['vs', `{hosts: [w], exportTo: [".", "*"], http: [{${route}}]}`, 'cannot have both public (*) and non-public exportTo values for a resource'],
    ['dr', '{host: a, subsets: [{name: v1}, {name: v1}]}', 'duplicate subset names: v1'],
    ['dr', '{host: a, trafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}}', 'max connections must be non-negative'],
    ['dr', '{host: a, trafficPolicy: {}}', 'traffic policy must have at least one field'],
    ['dr', '{host: a, trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}}', 'percentage 101 is not in range 0..100'],
    ['dr', '{host: a, trafficPolicy: {tls: {mode: MUTUAL}}}', '2 errors occurred:\n\t* client certificate required for mutual tls\n\t* private key required for mutual tls\n\n'],
    ['dr', '{}', 'empty domain name not allowed'],
    ['gw', '{}', 'gateway must have at least one server'],
    ['gw', '{servers: [{port: {number: 80, name: a, protocol: HTTPX}, hosts: ["*"]}]}', 'invalid protocol "HTTPX", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP'],
    ['gw', '{servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: ["*"]}]}', 'server must have TLS settings for HTTPS/TLS protocols'],
    ['gw', '{servers: [{port: {number: 443, name: a, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: ["*"]}]}', '2 errors occurred:\n\t* SIMPLE TLS requires a server certificate\n\t* SIMPLE TLS requires a private key\n\n'],
    ['gw', '{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: [echo]}]}', 'short names (non FQDN) are not allowed'],
    ['gw', '{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ["*"]}, {port: {number: 81, name: a, protocol: HTTP}, hosts: ["*"]}]}', 'port names in servers must be unique: duplicate name a'],
    ['se', '{hosts: ["*.example.com"], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}', 'hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode DNS, domain name "*.example.com" invalid (label "*" invalid)'],
    ['se', '{hosts: [a.b], resolution: STATIC, endpoints: [{address: name}]}', 'endpoint address "name" is not a valid IP address'],
    ['se', '{hosts: [a.b, c.d], resolution: DNS, ports: [{number: 80, name: a, protocol: TCP}]}', 'multiple hosts provided with non-HTTP, non-TLS ports'],
    ['sc', '{egress: [{hosts: [echo]}]}', 'host must be of form namespace/dnsName'],
    ['sc', '{workloadSelector: {labels: {a: b}}}', 'sidecar: empty configuration provided'],
    ['sc', '{egress: [{hosts: ["./*"]}, {hosts: ["./*"]}]}', 'sidecar: the egress listener with empty port should be the last listener in the list']
  ] as const)('refuses a %s with %s in Istio\'s words', (kind, spec, expected) => {
    expect(validate(kind, spec).error).toBe(expected)
  })

  it.each([
    ['vs', `{hosts: [w], http: [{${route}}, {match: [{uri: {prefix: /}}], ${route}}]}`, ['virtualService rule #1 not used (route without matches defined before)']],
    ['vs', `{hosts: [w], http: [{${route}}, {${route}}]}`, ['virtualService rule #1 not used (only the last rule can have no matches)']],
    ['vs', `{hosts: [w], http: [{name: one, match: [{port: 80}], ${route}}, {match: [{port: 80}], ${route}}]}`,
      ['virtualService rule #1 match #0 is not used (duplicate/overlapping match in rule "one")', 'virtualService rule #1 not used (all matches used by prior rules)']],
    ['vs', `{hosts: [w], http: [{match: [{uri: {prefix: /a}}], ${route}}, {match: [{uri: {prefix: /ab}}], ${route}}]}`,
      ['virtualService rule #1 match #0 of prefix /ab is not used (duplicate/overlapping match in rule #0 of prefix /a on #0)']],
    ['vs', http(`mirror: {host: a}, mirror_percent: 50, ${route}`), ['using deprecated setting "mirrorPercent", use "mirrorPercentage" instead']],
    ['vs', `{hosts: [w], gateways: [g.ns], http: [{${route}}]}`, ['using legacy gatewayName format "g.ns"; prefer the <namespace>/<name> format: "ns/g"']],
    ['dr', '{host: a, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}', ['outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead']],
    ['gw', '{servers: [{port: {number: 443, name: a, protocol: TLS}, tls: {httpsRedirect: true}, hosts: ["*"]}]}', ['tls.httpsRedirect should only be used with http servers']],
    ['sc', '{egress: [{hosts: ["./*", "./a.b"]}]}', ['duplicated egress host: ./a.b']]
  ] as const)('lets a %s with %s pass with a warning', (kind, spec, warnings) => {
    expect(validate(kind, spec)).toEqual({ warnings })
  })

  it.each([
    ['vs', http('route: [{destination: {host: a}, weight: 60}, {destination: {host: b}, weight: 60}]')],
    ['vs', `{http: [{${route}}]}`],
    ['vs', http(`fault: {delay: {fixedDelay: 7s}}, ${route}`)],
    ['vs', http(`match: [{headers: {x: {}, ":method": {exact: GET}}, withoutHeaders: {y: {regex: "*"}}}], ${route}`)],
    ['vs', http(`headers: {request: {set: {host: a.b, x: "%DOWNSTREAM_REMOTE_ADDRESS% 100%%"}}}, ${route}`)],
    ['vs', `{hosts: ["*"], gateways: [gw], http: [{${route}}]}`],
    ['dr', '{host: a, subsets: [{name: v1}]}'],
    ['gw', '{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}'],
    ['se', '{hosts: [a.b]}'],
    ['se', '{hosts: [a.b], resolution: STATIC, ports: [{number: 80, name: http}]}'],
    ['sc', '{egress: [{hosts: ["./*", "istio-system/*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}']
  ] as const)('accepts a %s with %s', (kind, spec) => {
    expect(validate(kind, spec)).toEqual({ warnings: [] })
  })
})
