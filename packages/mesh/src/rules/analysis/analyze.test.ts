import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findSchemaProblems, findUnsupported } from '../document-problems.ts'
import { parseManifests } from '../manifest/manifest.ts'
import { formatFinding, formatProblem } from '../problem.ts'
import { validateRule } from '../webhook/validate-rule.ts'
import { analyze, type AnalyzeOptions } from './analyze.ts'

interface Case {
  readonly id: string
  readonly rules: string
  readonly validate: { readonly rc: number, readonly output: string }
  readonly analyze: { readonly rc: number, readonly messages: readonly { readonly code: string, readonly level: string, readonly message: string, readonly origin: string, readonly reference: string }[] }
}

// What `istioctl validate` and `istioctl analyze --use-kube=false` of Istio 1.31 said.
const cases = JSON.parse(readFileSync(new URL('../../../conformance/analysis.json', import.meta.url), 'utf8')) as readonly Case[]

describe.each(cases)('$id', ({ rules, ...measured }) => {
  const { documents, problems } = parseManifests([{ file: 'rules.yaml', text: rules }])

  it('gets the findings that istioctl has, at the same lines', () => {
    const findings = analyze(documents, { kubernetes: 'none' })
    expect(findings.map(({ code, level, message, resource, file, line }) => ({ code, level, message, origin: resource, reference: `${file}:${line}` }))).toEqual(measured.analyze.messages)
    expect(findings.filter(({ hint }) => hint === '')).toEqual([])
  })

  it('is valid when istioctl says so, and refused in its words when not', () => {
    const refusals = documents.map(({ resource }) => validateRule(resource).error).filter(error => error !== undefined)
    const invalid = refusals.length + problems.length + findSchemaProblems(documents).length
    expect(invalid > 0).toBe(measured.validate.rc !== 0)
    const [, said] = /^Error: 1 error occurred:\n\t\* \w+\/\/[\w-]+: (.*)$/s.exec(measured.validate.output) ?? []
    // istioctl names protobuf's message type for an unknown field; the API server's words are used here.
    if (said !== undefined && !said.startsWith('cannot parse')) expect(refusals).toEqual([said])
  })
})

const lines = (text: string, options?: AnalyzeOptions) => analyze(parseManifests([{ file: 'f.yaml', text }]).documents, options).map(finding => formatFinding(finding).split('\n', 1)[0])
const rule = (kind: string, name: string, spec: string) => `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec: ${spec}\n---\n`
const service = (name: string, ports = '[{port: 9080, name: http}]') => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec: {selector: {app: ${name}}, ports: ${ports}}\n---\n`
const deployment = (name: string, version: string) => `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}-${version}\nspec: {template: {metadata: {labels: {app: ${name}, version: ${version}}}}}\n---\n`
const namespace = (name: string, labels = '{}') => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: ${labels}\n---\n`
const route = (destination: string, hosts = '[reviews]') => `{hosts: ${hosts}, http: [{route: [{destination: ${destination}}]}]}`

describe('analyze', () => {
  it('finds nothing wrong with files that are right, whichever are given together', () => {
    const app = service('reviews') + deployment('reviews', 'v1')
    const rules = rule('DestinationRule', 'reviews', '{host: reviews, subsets: [{name: v1, labels: {version: v1}}]}') +
      rule('VirtualService', 'reviews', route('{host: reviews, subset: v1}')) +
      rule('Gateway', 'gw', '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}') +
      rule('VirtualService', 'outside', '{hosts: ["*"], gateways: [gw], http: [{route: [{destination: {host: other.elsewhere.svc.cluster.local}}]}]}') +
      rule('ServiceEntry', 'external', '{hosts: [styletransfer.external.svc.cluster.local], resolution: DNS, ports: [{number: 9080, name: http, protocol: HTTP}]}') +
      rule('Sidecar', 'default', '{egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}')
    expect(lines(rules)).toEqual([])
    expect(lines(app + rules)).toEqual([])
    expect(lines(namespace('external') + app + rules)).toEqual([])
  })

  it('finds hosts, ports and subsets that Services and workloads of the files do not have', () => {
    const app = service('reviews') + service('many', '[{port: 80, name: http}, {port: 81, name: http-b}]') + deployment('reviews', 'v1')
    expect(lines(app +
      rule('VirtualService', 'a', route('{host: reviewz}', '[a]')) +
      rule('VirtualService', 'b', route('{host: reviews, port: {number: 9081}}', '[b]')) +
      rule('VirtualService', 'c', route('{host: many}', '[c]')) +
      rule('VirtualService', 'd', route('{host: reviews.default}', '[d]')) +
      rule('DestinationRule', 'reviews', '{host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v9, labels: {version: v9}}]}') +
      rule('DestinationRule', 'nobody', '{host: nobody}'))).toEqual([
      'Error [IST0101] (VirtualService default/a f.yaml:23) Referenced host not found: "reviewz"',
      'Error [IST0101] (VirtualService default/b f.yaml:29) Referenced host:port not found: "reviews:9081"',
      'Error [IST0112] (VirtualService default/c f.yaml:35) This VirtualService routes to a service "many" that exposes multiple ports [80 81]. Specifying a port in the destination is required to disambiguate.',
      'Error [IST0173] (DestinationRule default/reviews f.yaml:47) The Subset v9 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
      'Warning [IST0174] (DestinationRule default/nobody f.yaml:53) The host nobody defined in the DestinationRule does not match any services in the mesh.'
    ])
    expect(lines(rule('VirtualService', 'd', route('{host: reviews.default}')), { kubernetes: 'cluster' })).toEqual(['Error [IST0101] (VirtualService default/d f.yaml:5) Referenced host not found: "reviews.default"'])
  })

  it('finds conflicts between Gateways, Sidecars, ServiceEntries and VirtualServices', () => {
    const gateway = '{selector: {istio: x}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}'
    expect(lines(rule('Gateway', 'one', gateway) + rule('Gateway', 'two', gateway))).toEqual([])
    expect(lines(rule('Gateway', 'one', gateway) + rule('Gateway', 'two', gateway), { kubernetes: 'cluster' }).filter(line => line?.includes('IST0145')).map(line => line?.split(' (workload', 1)[0])).toEqual([
      'Error [IST0145] (Gateway default/one f.yaml:5) Conflict with gateways default/two', 'Error [IST0145] (Gateway default/two f.yaml:11) Conflict with gateways default/one'
    ])
    expect(lines(rule('Sidecar', 'one', '{egress: [{hosts: ["./*"]}]}') + rule('Sidecar', 'two', '{egress: [{hosts: ["*/*"]}]}'))).toEqual([
      'Error [IST0111] (Sidecar default/one f.yaml:1) The Sidecars [one two] in namespace "default" have no workload selector, which can lead to undefined behavior.',
      'Error [IST0111] (Sidecar default/two f.yaml:7) The Sidecars [one two] in namespace "default" have no workload selector, which can lead to undefined behavior.'
    ])
    expect(lines(rule('ServiceEntry', 'one', '{hosts: [a.b], ports: [{number: 80, name: a, protocol: HTTP}]}') + rule('ServiceEntry', 'two', '{hosts: [a.b], ports: [{number: 80, name: a, protocol: TLS}]}'))).toEqual([
      'Warning [IST0177] (ServiceEntry default/one f.yaml:4) Multiple ServiceEntries (default/one, default/two) define the same host "a.b" and port 80 with conflicting protocols (HTTP, TLS).',
      'Warning [IST0177] (ServiceEntry default/two f.yaml:10) Multiple ServiceEntries (default/one, default/two) define the same host "a.b" and port 80 with conflicting protocols (HTTP, TLS).'
    ])
  })

  it('says that a gateway passes by the mesh\'s rule, where Services are given and pods are missed', () => {
    const gateway = '{selector: {istio: x}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}'
    const rules = rule('VirtualService', 'mesh', route('{host: reviews, subset: v1}')) + rule('DestinationRule', 'r', '{host: reviews, subsets: [{name: v1, labels: {version: v1}}]}') +
      rule('Gateway', 'gw', gateway) + rule('VirtualService', 'bank', '{hosts: ["*"], gateways: [gw], http: [{route: [{destination: {host: reviews}}]}]}')
    const warning = 'Warning [IST0140] (VirtualService default/bank f.yaml:23) Subset in virtual service default/mesh has no effect on ingress gateway default/bank requests'
    expect(lines(rules)).toEqual([])
    expect(lines(rules + service('reviews'))).toEqual([warning])
    expect(lines(rules + service('reviews') + deployment('reviews', 'v1'))).toEqual([])
    expect(lines(rules + service('reviews') + deployment('reviews', 'v1') + deployment('reviews', 'v2'))).toEqual([warning])
  })

  it('finds one certificate on two Gateways of the same pods', () => {
    const gateway = (selector: string, credential: string) => `{selector: ${selector}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: ${credential}}}]}`
    const found = (first: string, second: string) => lines(rule('Gateway', 'one', first) + rule('Gateway', 'two', second), { kubernetes: 'none' })
    expect(found(gateway('{istio: x}', 'c'), gateway('{istio: x, app: b}', 'c'))).toEqual(['Warning [IST0138] (Gateway default/one f.yaml:4) Duplicate certificate in multiple gateways [default/one default/two] may cause 404s if clients re-use HTTP2 connections.'])
    expect(found(gateway('{istio: x}', 'c'), gateway('{istio: x}', 'd'))).toEqual([])
    expect(found(gateway('{istio: x}', 'c'), gateway('{istio: z}', 'c'))).toEqual([])
  })

  it('says what the webhook warns of, with codes of their own for rules never reached', () => {
    expect(lines(rule('VirtualService', 'a', '{hosts: [a], http: [{route: [{destination: {host: a}}]}, {match: [{port: 80}], mirror: {host: b}, mirror_percent: 5, fault: {delay: {percent: 5, fixedDelay: 1s}}, route: [{destination: {host: a}}]}]}'))).toEqual([
      'Warning [IST0002] (VirtualService default/a f.yaml:5) Deprecated: HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage',
      'Warning [IST0130] (VirtualService default/a f.yaml:1) VirtualService rule #1 not used (route without matches defined before).',
      'Warning [IST0133] (VirtualService default/a f.yaml:1) Schema validation warning: using deprecated setting "mirrorPercent", use "mirrorPercentage" instead'
    ])
  })

  it('looks at ports, namespaces, gateways and pods of a whole cluster', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: bank, labels: {istio: ingressgateway}}\nspec: {containers: [{name: a}]}\n---\n'
    const gateway = (selector: string, port: number) => rule('Gateway', `g${port}`, `{selector: ${selector}, servers: [{port: {number: ${port}, name: p, protocol: HTTP}, hosts: ["*"]}]}`)
    expect(lines(service('reviews', '[{port: 9080, name: web}]') + namespace('external') + namespace('bank', '{istio-injection: enabled}') + pod +
      gateway('{istio: nope}', 80) + gateway('{istio: ingressgateway}', 81), { kubernetes: 'cluster' }).map(line => line?.split(') ', 1)[0])).toEqual([
      'Error [IST0101] (Gateway default/g80 f.yaml:28',
      'Warning [IST0103] (Pod bank/a f.yaml:19',
      'Warning [IST0162] (Gateway default/g81 f.yaml:34',
      'Info [IST0102] (Namespace external f.yaml:10',
      'Info [IST0118] (Service default/reviews f.yaml:5'
    ])
  })

  it('names unknown kinds, unknown fields and wrong types by file, line and path', () => {
    const { documents } = parseManifests([{
      file: 'f.yaml',
      text: rule('VirtualService', 'a', '\n  hosts: [a]\n  http:\n  - rout: []\n    timeout: 5') +
      'apiVersion: config.istio.io/v1alpha2\nkind: rule\nmetadata: {name: w}\n---\napiVersion: networking.istio.io/v1alpha1\nkind: Gateway\nmetadata: {name: g}\n' +
      '---\napiVersion: networking.istio.io/v1\nkind: VirtualServise\nmetadata: {name: g}\n'
    }])
    expect(findSchemaProblems(documents).map(formatProblem)).toEqual([
      'f.yaml:8:5 VirtualService a spec.http[0].rout: unknown field "spec.http[0].rout"\n  Did you mean "route"?',
      'f.yaml:9:5 VirtualService a spec.http[0].timeout: Invalid value: "integer": spec.http[0].timeout in body must be of type string: "integer"\n  Write a number with its unit, such as 5s.',
      'f.yaml:12:1 rule w kind: no matches for kind "rule" in version "config.istio.io/v1alpha2"\n  Istio does not have this kind any more (Mixer\'s went with Istio 1.8): remove the object.',
      'f.yaml:16:1 Gateway g kind: no matches for kind "Gateway" in version "networking.istio.io/v1alpha1"\n  Write "apiVersion: networking.istio.io/v1".',
      'f.yaml:20:1 VirtualServise g kind: no matches for kind "VirtualServise" in version "networking.istio.io/v1"\n  Did you mean "kind: VirtualService"?'
    ])
    expect(analyze(documents)).toEqual([])
  })

  it('names what the laptop does not carry out by file, line and path', () => {
    const { documents } = parseManifests([{ file: 'f.yaml', text: rule('DestinationRule', 'a', '\n  host: a\n  trafficPolicy:\n    proxyProtocol: {}') }])
    expect(findUnsupported(documents).map(formatProblem)).toEqual([
      'f.yaml:8:5 DestinationRule a spec.trafficPolicy.proxyProtocol: proxyProtocol runs on a cluster, not on the laptop yet\n  Remove it here, or apply the rule to a cluster.'
    ])
  })
})
