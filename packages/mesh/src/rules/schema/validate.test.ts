import { describe, expect, it } from 'vitest'
import { validateSchema } from './validate.ts'

const errors = (kind: string, spec: unknown, version = 'v1') =>
  validateSchema({ apiVersion: `networking.istio.io/${version}`, kind, metadata: { name: 'w' }, spec })
    .map(({ path, message }) => `${path}: ${message}`)
const hints = (kind: string, spec: unknown) =>
  validateSchema({ apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'w' }, spec }).map(({ hint }) => hint)
const route = [{ destination: { host: 'reviews' } }]
const notChecked = '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

describe('validateSchema', () => {
  it.each(['v1', 'v1beta1', 'v1alpha3'])('accepts a rule of version %s with what current Istio knows', version => {
    expect(errors('VirtualService', {
      hosts: ['reviews'],
      http: [{
        match: [{ uri: { prefix: '/' }, headers: { 'end-user': { exact: 'jason' } }, withoutHeaders: { x: {} }, port: 9080 }],
        fault: { delay: { percent: 50, fixedDelay: '7s' } },
        mirror_percent: 50,
        retries: { attempts: 3, perTryTimeout: '2s', backoff: '25ms' },
        timeout: '1m30s',
        route: [{ ...route[0], weight: 60 }]
      }],
      tls: [{ match: [{ sniHosts: ['a.example.com'] }], route }]
    }, version)).toEqual([])
    expect(errors('DestinationRule', {
      host: 'reviews',
      trafficPolicy: { loadBalancer: { simple: 'RANDOM' }, outlierDetection: { consecutiveErrors: 1, consecutive5xxErrors: 5, interval: '1s' }, connectionPool: { tcp: { maxConnections: -1 } } },
      subsets: [{ name: 'v1', labels: { version: 'v1' } }]
    }, version)).toEqual([])
  })

  it('names every unknown field with its path, sorted, and says what is meant', () => {
    const spec = {
      hosts: ['reviews'],
      http: [{ rout: route, retires: {}, subset: 'v1' }],
      tls: [{ match: [{ sni_hosts: ['a.example.com'], sniHosts: [] }] }],
      wholly: 1
    }
    expect(errors('VirtualService', spec)).toEqual([
      'spec.http[0].retires: unknown field "spec.http[0].retires"',
      'spec.http[0].rout: unknown field "spec.http[0].rout"',
      'spec.http[0].subset: unknown field "spec.http[0].subset"',
      'spec.tls[0].match[0].sni_hosts: unknown field "spec.tls[0].match[0].sni_hosts"',
      'spec.wholly: unknown field "spec.wholly"'
    ])
    expect(hints('VirtualService', spec)).toEqual([
      'Did you mean "retries"?',
      'Did you mean "route"?',
      '"subset" belongs below "mirror" or "route.destination" or "mirrors.destination": indent it further, or move it there.',
      'Its spelling is "sniHosts" today.',
      'Known here: exportTo, gateways, hosts, http, tcp, tls.'
    ])
  })

  it('names unknown fields beside spec and in metadata', () => {
    expect(validateSchema({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'g', label: {} }, ...{ specs: {} } }).map(({ message }) => message))
      .toEqual(['unknown field "metadata.label"', 'unknown field "specs"'])
  })

  it.each([
    ['a number for a text', { http: [{ timeout: 5, route }] }, ['spec.http[0].timeout: Invalid value: "integer": spec.http[0].timeout in body must be of type string: "integer"', notChecked]],
    ['a text for a number', { http: [{ route: [{ ...route[0], weight: '50' }] }] }, ['spec.http[0].route[0].weight: Invalid value: "string": spec.http[0].route[0].weight in body must be of type integer: "string"', notChecked]],
    ['a fraction for a whole number', { http: [{ route: [{ ...route[0], weight: 0.5 }] }] }, ['spec.http[0].route[0].weight: Invalid value: "float64": spec.http[0].route[0].weight in body must be of type int32: "float64"', notChecked]],
    ['a text for a mapping', { http: [{ match: [{ uri: '/x' }], route }] }, ['spec.http[0].match[0].uri: Invalid value: "string": spec.http[0].match[0].uri in body must be of type object: "string"', notChecked]],
    ['a mapping for a list', { hosts: {}, http: [{ route }] }, ['spec.hosts: Invalid value: "object": spec.hosts in body must be of type array: "object"', notChecked]],
    ['a mapping for a text', { hosts: [{ name: 'a' }], http: [{ route }] }, ['spec.hosts[0].name: unknown field "spec.hosts[0].name"', 'spec.hosts[0]: Invalid value: "object": spec.hosts[0] in body must be of type string: "object"', notChecked]],
    ['a fraction for a port', { http: [{ match: [{ port: 1.5 }], route }] }, ['spec.http[0].match[0].port: Invalid value: "number": spec.http[0].match[0].port in body must be of type integer: "number"', '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.http[0].match[0].port', notChecked]],
    ['nothing', { hosts: null, http: [{ route }] }, ['spec.hosts: Invalid value: "null": spec.hosts in body must be of type array: "null"', notChecked]],
    ['a missing field', { http: [{ route: [{}] }] }, ['spec.http[0].route[0].destination: Required value', notChecked]],
    ['two ways to match', { http: [{ match: [{ uri: { exact: '/', prefix: '/' } }], route }] }, ['spec.http[0].match[0].uri: Invalid value: "": "spec.http[0].match[0].uri" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['a duration of nothing', { http: [{ timeout: '0s', route }] }, ['spec.http[0].timeout: Invalid value: "0s": must be a valid duration greater than 1ms']],
    ['a duration without a unit', { http: [{ timeout: '5', route }] }, ['spec.http[0].timeout: Invalid value: "string": type conversion error from \'string\' to \'google.protobuf.Duration\' evaluating rule: must be a valid duration greater than 1ms']],
    ['a negative port', { http: [{ match: [{ port: -1 }], route }] }, ['spec.http[0].match[0].port: Invalid value: -1: spec.http[0].match[0].port in body should be greater than or equal to 0']],
    ['bytes that are not base64', { http: [{ directResponse: { status: 200, body: { bytes: '?' } } }] }, ['spec.http[0].directResponse.body.bytes: Invalid value: "?": spec.http[0].directResponse.body.bytes in body must be of type byte: "?"', notChecked]]
  ])('refuses %s in a VirtualService in the API server\'s words', (_, spec, expected) => {
    expect(errors('VirtualService', spec)).toEqual(expected)
  })

  it.each([
    ['DestinationRule', {}, ['spec.host: Required value', notChecked]],
    ['DestinationRule', { host: 'a', trafficPolicy: { loadBalancer: { simple: 'ROUNDROBIN' } } }, ['spec.trafficPolicy.loadBalancer.simple: Unsupported value: "ROUNDROBIN": supported values: "UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"', notChecked]],
    ['DestinationRule', { host: 'a', trafficPolicy: { loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true } } } }, ['spec.trafficPolicy.loadBalancer: Invalid value: "": "spec.trafficPolicy.loadBalancer" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['Gateway', { servers: [{ hosts: ['*'] }] }, ['spec.servers[0].port: Required value', notChecked]],
    ['ServiceEntry', { ports: [] }, ['spec.hosts: Required value', notChecked]],
    ['ServiceEntry', { hosts: [] }, ['spec.hosts: Invalid value: 0: spec.hosts in body should have at least 1 items']],
    ['ServiceEntry', { hosts: ['*'] }, ['spec.hosts[0]: Invalid value: "*": hostname cannot be wildcard']],
    ['ServiceEntry', { hosts: ['a.b'], ports: [{ number: 70000, name: 'http' }] }, ['spec.ports[0].number: Invalid value: 70000: port must be between 1-65535']],
    ['ServiceEntry', { hosts: ['a.b'], ports: [{ number: 80, name: 'a' }, { number: 81, name: 'a' }] }, ['spec.ports[1]: Duplicate value: {"name":"a"}']],
    ['ServiceEntry', { hosts: ['a.b'], endpoints: [{ address: '1.2.3.4' }] }, ['spec: Invalid value: NONE mode cannot set endpoints']],
    ['ServiceEntry', { hosts: ['a.b'], addresses: ['10.0.0.0/8'], resolution: 'DNS' }, ['spec: Invalid value: CIDR addresses are allowed only for NONE/STATIC resolution types']],
    ['ServiceEntry', { hosts: Array.from({ length: 257 }, (_, index) => `h${index}.example.com`) }, ['spec.hosts: Too many: 257: must have at most 256 items', notChecked]],
    ['Sidecar', { egress: [{}] }, ['spec.egress[0].hosts: Required value', notChecked]],
    ['Sidecar', { workloadSelector: { labels: { app: 'a*' } } }, ['spec.workloadSelector.labels[app]: Invalid value: "a*": wildcard is not supported in selector']],
    ['Sidecar', { workloadSelector: { labels: { app: 'a'.repeat(64) } } }, ['spec.workloadSelector.labels.app: Too long: may not be more than 63 bytes', notChecked]]
  ])('refuses a %s with %j', (kind, spec, expected) => {
    expect(errors(kind, spec)).toEqual(expected)
  })

  it('reports all that is wrong at once', () => {
    expect(errors('VirtualService', { hosts: 'x', http: [{ timeout: 5, rout: [] }, { route: [{}] }] })).toHaveLength(5)
  })

  it('lets kinds pass that are none of Istio\'s', () => {
    expect(validateSchema({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'g' }, spec: { anything: 1 } })).toEqual([])
  })
})
