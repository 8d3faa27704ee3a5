import { expect, test } from 'vitest'
import { parseManifests } from '../../manifest/manifest.ts'
import { formatPath } from '../../problem.ts'
import { analyze } from '../analyze.ts'

/** `CODE path`, of our own codes alone. */
const found = (text: string) => analyze(parseManifests([{ file: 'f.yaml', text }]).documents).filter(({ code }) => code.startsWith('BI')).map(({ code, path }) => `${code} ${path ?? formatPath([])}`)
const rule = (kind: string, name: string, spec: string) => `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`
const service = (ports = '[{port: 9080, name: http}]', metadata = '{name: reviews}') => `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec: {selector: {app: reviews}, ports: ${ports}}\n---\n`
const deployment = (replicas: number, metadata = '{name: reviews-v1}') => `apiVersion: apps/v1\nkind: Deployment\nmetadata: ${metadata}\nspec: {replicas: ${replicas}, template: {metadata: {labels: {app: reviews, version: v1}}}}\n---\n`
const http = (route: string, more = '') => rule('VirtualService', 'a', `{hosts: [reviews], ${more} http: [${route}]}`)
const to = 'route: [{destination: {host: reviews}}]'

test('BI0001: a rule for a Service of the mesh that only a gateway obeys', () => {
  expect(found(service() + http(`{${to}}`, 'gateways: [gw],'))).toEqual(['BI0001 spec.hosts[0]'])
  expect(found(service() + http(`{${to}}`, 'gateways: [gw, mesh],'))).toEqual([])
  expect(found(http(`{${to}}`, 'gateways: [gw],'))).toEqual([])
})

test('BI0002: a fault beside a timeout or retries that do not meet it', () => {
  const fault = 'fault: {delay: {fixedDelay: 7s, percentage: {value: 100}}, abort: {httpStatus: 500, percentage: {value: 1}}}'
  expect(found(http(`{${fault}, timeout: 3s, retries: {attempts: 2}, ${to}}`))).toEqual(['BI0002 spec.http[0].retries', 'BI0002 spec.http[0].timeout'])
  expect(found(http(`{${fault}, ${to}}, {timeout: 3s, retries: {attempts: 2}, ${to}}`))).toEqual([])
})

test('BI0003: a fault without a percentage', () => {
  expect(found(http(`{fault: {delay: {fixedDelay: 7s}, abort: {httpStatus: 500}}, ${to}}`))).toEqual(['BI0003 spec.http[0].fault.abort', 'BI0003 spec.http[0].fault.delay'])
  expect(found(http(`{fault: {delay: {fixedDelay: 7s, percent: 10}, abort: {httpStatus: 500, percentage: {}}}, ${to}}`))).toEqual([])
})

test('BI0004: a weight on an only destination', () => {
  const weights = (...values: number[]) => http(`{route: [${values.map(weight => `{destination: {host: reviews}, weight: ${weight}}`).join(', ')}]}`)
  expect(found(weights(20))).toEqual(['BI0004 spec.http[0].route[0].weight'])
  expect([...found(weights(100)), ...found(weights(20, 80))]).toEqual([])
})

test('BI0005: HTTP rules for a host whose ports are not HTTP', () => {
  expect(found(service('[{port: 9080, name: tcp-web}, {port: 1, name: mongo}]') + http(`{${to}}`))).toEqual(['BI0005 spec.hosts[0]'])
  for (const ports of ['[{port: 9080, name: tcp}, {port: 80, name: http}]', '[{port: 9080, name: tcp, appProtocol: http}]', '[{port: 9080, name: web}]', '[{port: 9080, name: grpc-web}]']) expect(found(service(ports) + http(`{${to}}`))).toEqual([])
})

test('BI0006: a rewrite that doubles slashes', () => {
  const rewrite = (...prefixes: string[]) => http(`{match: [${prefixes.map(prefix => `{uri: {prefix: ${prefix}}}`).join(', ')}], rewrite: {uri: /}, ${to}}`)
  expect(found(rewrite('/old'))).toEqual(['BI0006 spec.http[0].rewrite.uri'])
  expect([...found(rewrite('/old/', '/old')), ...found(rewrite('/old/')), ...found(rewrite('/'))]).toEqual([])
})

const entry = (port: string, more = 'resolution: DNS') => rule('ServiceEntry', 'e', `{hosts: [a.example.com], ${more}, ports: [${port}]}`)
const tls = (mode: string, host = 'a.example.com') => rule('DestinationRule', 'd', `{host: ${host}, trafficPolicy: {tls: {mode: ${mode}}}}`)

test('BI0007: plain HTTP to port 443', () => {
  expect(found(entry('{number: 443, name: http, protocol: HTTP}'))).toEqual(['BI0007 spec.ports[0].protocol'])
  expect(found(entry('{number: 80, targetPort: 443, name: http, protocol: HTTP}'))).toEqual(['BI0007 spec.ports[0].protocol'])
  expect(found(entry('{number: 80, targetPort: 443, name: http, protocol: HTTP}') + tls('SIMPLE'))).toEqual([])
  expect(found(entry('{number: 443, name: https, protocol: HTTPS}'))).toEqual([])
})

test('BI0008: TLS inside TLS', () => {
  expect(found(entry('{number: 443, name: https, protocol: HTTPS}') + tls('SIMPLE', '"*.example.com"'))).toEqual(['BI0008 spec.trafficPolicy.tls'])
  expect(found(entry('{number: 443, name: https, protocol: HTTPS}') + tls('DISABLE'))).toEqual([])
  expect(found(entry('{number: 443, name: https, protocol: HTTPS}') + rule('DestinationRule', 'd', '{host: a.example.com, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}}'))).toEqual([])
})

test('BI0009: routes that the TLS mode of their gateway never asks', () => {
  const gateway = (mode: string) => rule('Gateway', 'gw', `{selector: {istio: x}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*.example.com"], tls: {mode: ${mode}, credentialName: c}}]}`)
  const at = (routes: string) => rule('VirtualService', 'v', `{hosts: [a.example.com], gateways: [gw], ${routes}}`)
  const ended = 'http: [{route: [{destination: {host: a}}]}]'
  const passed = 'tls: [{match: [{sniHosts: [a.example.com]}], route: [{destination: {host: a}}]}]'
  expect(found(gateway('PASSTHROUGH') + at(ended))).toEqual(['BI0009 spec.gateways[0]'])
  expect(found(gateway('SIMPLE') + at(passed))).toEqual(['BI0009 spec.gateways[0]'])
  expect([...found(gateway('PASSTHROUGH') + at(passed)), ...found(gateway('MUTUAL') + at(ended)), ...found(gateway('SIMPLE') + at(`${ended}, ${passed}`))]).toEqual([])
})

test('BI0010: mutual TLS with pods that have no sidecar', () => {
  const namespace = (labels: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: external, labels: ${labels}}\n---\n`
  const outside = service('[{port: 80, name: http}]', '{name: reviews, namespace: external}') + deployment(1, '{name: reviews-v1, namespace: external}')
  expect(found(namespace('{}') + outside + tls('ISTIO_MUTUAL', '"*.local"'))).toEqual(['BI0010 spec.trafficPolicy.tls'])
  expect([...found(namespace('{istio-injection: enabled}') + outside + tls('ISTIO_MUTUAL', '"*.local"')), ...found(outside + tls('ISTIO_MUTUAL', '"*.local"')), ...found(namespace('{}') + outside + tls('ISTIO_MUTUAL', 'other'))]).toEqual([])
})

test('BI0011: a static ServiceEntry without an address', () => {
  const port = '{number: 80, name: http, protocol: HTTP}'
  expect(found(entry(port, 'resolution: STATIC'))).toEqual(['BI0011 spec.resolution'])
  expect([...found(entry(port, 'resolution: STATIC, endpoints: [{address: 1.2.3.4}]')), ...found(entry(port, 'resolution: STATIC, workloadSelector: {labels: {a: b}}')), ...found(entry(port, 'resolution: NONE'))]).toEqual([])
})

test('BI0012: outlier detection that ejects nobody', () => {
  const detection = (more: string) => rule('DestinationRule', 'd', `{host: reviews, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1${more}}}}]}`)
  expect(found(service() + deployment(9) + detection(''))).toEqual(['BI0012 spec.subsets[0].trafficPolicy.outlierDetection'])
  expect(found(service() + deployment(3) + detection(', maxEjectionPercent: 33'))).toEqual(['BI0012 spec.subsets[0].trafficPolicy.outlierDetection'])
  expect([...found(service() + deployment(10) + detection('')), ...found(service() + deployment(3) + detection(', maxEjectionPercent: 34')), ...found(service() + detection(''))]).toEqual([])
})

test('BI0013: the injection label on a Deployment alone', () => {
  expect(found(deployment(1, '{name: a, labels: {sidecar.istio.io/inject: "true"}}'))).toEqual(['BI0013 metadata.labels.sidecar.istio.io/inject'])
  expect(found(deployment(1))).toEqual([])
})
