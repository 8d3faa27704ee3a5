/**
 * The form of a test file. One schema checks the files, gives the types, and is what editors complete by: rule-tests.schema.json of this
 * package is written from it.
 */
import { Type, type Static, type TObject, type TProperties } from 'typebox'

const strict = <P extends TProperties>(properties: P, options: object = {}): TObject<P> => Type.Object(properties, { additionalProperties: false, ...options })
const optional = Type.Optional
const text = (description: string) => Type.String({ minLength: 1, description })
const share = (description: string) => Type.Number({ minimum: 0, maximum: 100, description })
const status = (description: string) => Type.Integer({ minimum: 100, maximum: 599, description })
const port = (description: string) => Type.Integer({ minimum: 1, maximum: 65_535, description })
const labels = (description: string) => Type.Record(Type.String(), Type.String(), { description })
const duration = (description: string) => Type.String({ pattern: '^(\\d+(\\.\\d+)?(h|m|s|ms))+$', description })

const sketch = strict({
  name: text('name of the Service, and the label app of its pods'),
  namespace: optional(text('its namespace; that of the file when absent')),
  port: optional(port('the only port, of protocol HTTP; 80 when neither port nor ports is given')),
  ports: optional(Type.Array(strict({ number: port('port number'), name: text('port name, which begins with the protocol: http, grpc, tcp, https') }), { minItems: 1, description: 'the ports, each with number and name' })),
  versions: optional(Type.Array(text('value of the label version'), { minItems: 1, description: 'one pod for each, with this label version; v1 when absent' })),
  sidecar: optional(Type.Boolean({ description: 'whether its pods have a sidecar; as its namespace says when absent' }))
}, { description: 'a Service with its pods, for rules that have no manifests at hand: name, and port, versions, sidecar' })

const caller = Type.Union([
  Type.String({ minLength: 1 }),
  strict({
    namespace: optional(text('namespace of the pod; that of the file when absent')),
    labels: optional(labels('labels of the pod, as sourceLabels see them')),
    sidecar: optional(Type.Boolean({ description: 'false for a pod that the mesh knows nothing of; true when absent' }))
  })
], { description: 'the name of a pod, Deployment or Service (NAMESPACE/NAME in another namespace), "outside" for a client of the gateway, or a pod of its own: {namespace, labels, sidecar}' })

const request = strict({
  from: optional(caller),
  url: optional(Type.String({ pattern: '^http://', description: 'a URL that begins with http://, as the caller writes it: http://reviews:9080/reviews/1' })),
  host: optional(text('host and port in place of a URL: reviews:9080')),
  path: optional(Type.String({ pattern: '^/', description: 'path and query, beginning with /; with host' })),
  method: optional(text('the method; GET when absent')),
  headers: optional(Type.Record(Type.String(), Type.String(), { description: 'header names and values; a value such as 5 or true needs quotes' }))
}, { description: 'a request: from, url (or host and path), method, headers' })

const upstream = strict({
  status: optional(status('a status between 100 and 599')),
  headers: optional(Type.Record(Type.String(), Type.String(), { description: 'header names and values' }))
}, { description: 'what the server answers: status (200 when absent), headers' })

const compared = Type.Record(Type.String(), Type.Union([
  Type.String(), Type.Null(),
  strict({ exact: Type.String() }), strict({ prefix: Type.String() }), strict({ regex: Type.String() })
], { description: 'a text, {exact}, {prefix} or {regex} (RE2, the whole value), or null for a field that must be absent' }), { description: 'header names, each with a value, a match, or null for absent' })

const destination = strict({
  host: optional(text('host of the destination, short or in full')),
  subset: optional(Type.Union([text('name of a subset'), Type.Null()], { description: 'name of a subset, or null for none' })),
  port: optional(port('port of the destination'))
}, { minProperties: 1, description: 'host, subset and port of the destination: at least one of them' })

const mirror = strict({
  host: optional(text('host of the mirror')),
  subset: optional(Type.Union([text('name of a subset'), Type.Null()], { description: 'name of a subset, or null for none' })),
  port: optional(port('port of the mirror')),
  percentage: optional(share('a share in per cent'))
}, { minProperties: 1, description: 'host, subset, port, percentage of the mirror' })

const orNone = <P extends TProperties>(schema: TObject<P>, description: string) => Type.Union([schema, Type.Null()], { description })

const expectation = strict({
  rule: optional(Type.Union([text('a rule'), Type.Null()], { description: 'the VirtualService that decides: NAME or NAMESPACE/NAME, or null for none' })),
  route: optional(Type.Union([text('a name'), Type.Integer({ minimum: 0 })], { description: 'the route that takes the request: its name, or its place in http, counted from 0' })),
  destination: optional(destination),
  shares: optional(Type.Record(Type.String(), share('a share in per cent, such as 50'), { minProperties: 1, description: 'each destination (SUBSET, HOST, HOST:PORT or HOST/SUBSET) with its share in per cent' })),
  pods: optional(Type.Array(text('name of a pod or Deployment'), { description: 'names of all pods, Deployments or addresses that may serve the request; [] for none' })),
  loadBalancer: optional(Type.Enum(['LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM', 'RING_HASH', 'MAGLEV', 'PASSTHROUGH'], { description: 'LEAST_REQUEST, ROUND_ROBIN, RANDOM, RING_HASH, MAGLEV or PASSTHROUGH' })),
  status: optional(Type.Union([status('a status'), Type.Record(Type.String({ pattern: '^[1-5]\\d\\d$' }), share('a share in per cent')), Type.Null()], {
    description: 'the status that the caller gets, each status with its share in per cent ({200: 90, 500: 10}), or null where the connection ends without an answer'
  })),
  flags: optional(text('Envoy\'s response flags, such as NR, NC, UH, FI, or - for none')),
  attempts: optional(Type.Integer({ minimum: 0, description: 'how often the request is sent when the server answers as upstream says; 0 when the proxy answers itself' })),
  body: optional(Type.String({ description: 'body of the proxy\'s own answer' })),
  location: optional(text('where a redirect leads: the field Location')),
  path: optional(Type.String({ pattern: '^/', description: 'path and query as the server gets them' })),
  authority: optional(text('Host as the server gets it')),
  requestHeaders: optional(compared),
  responseHeaders: optional(compared),
  delay: optional(orNone(strict({ duration: optional(duration('a duration such as 7s or 0.5s')), percentage: optional(share('a share in per cent')) }, { minProperties: 1 }), 'duration and percentage of an injected delay, or null for none')),
  abort: optional(orNone(strict({ status: optional(status('a status')), grpcStatus: optional(Type.Integer({ minimum: 0, maximum: 16, description: 'a gRPC status' })), percentage: optional(share('a share in per cent')) }, { minProperties: 1 }), 'status (or grpcStatus) and percentage of an injected abort, or null for none')),
  timeout: optional(Type.Union([duration('a duration'), Type.Null()], { description: 'a duration such as 3s or 0.5s, or null for none' })),
  retries: optional(orNone(strict({
    attempts: optional(Type.Integer({ minimum: 0, description: 'tries after the first' })),
    perTryTimeout: optional(duration('a duration such as 2s')),
    retryOn: optional(text('conditions and statuses, with commas: 5xx,reset,503'))
  }, { minProperties: 1 }), 'attempts, perTryTimeout, retryOn, or null for no retries')),
  mirror: optional(Type.Union([mirror, Type.Array(mirror, { minItems: 1 }), Type.Null()], { description: 'host, subset, port and percentage of the mirror, a list of such, or null for none' })),
  egress: optional(Type.Enum(['allowed', 'passthrough', 'blocked'], { description: 'allowed (a Service or ServiceEntry has the host, or unknown hosts are let out), passthrough (an unknown host is let out) or blocked' }))
}, { minProperties: 1, description: 'what must hold, at least one of: rule, route, destination, shares, pods, loadBalancer, status, flags, attempts, body, location, path, authority, requestHeaders, responseHeaders, delay, abort, timeout, retries, mirror, egress' })

const files = (description: string) => Type.Array(text('path of a file or folder, from the test file'), { description })

const testCase = strict({
  name: text('what the rules do, in a sentence'),
  files: optional(files('further files of this test; an object that a file before has too takes its place, as kubectl apply does it')),
  request,
  upstream: optional(upstream),
  expect: expectation
}, { description: 'a test: name, request, expect' })

export const testFileSchema = strict({
  files: optional(files('manifests and rules: files, folders, folders with a kustomization, patterns such as rules/*.yaml; from the test file')),
  resources: optional(Type.Array(Type.Object({}, { description: 'an object with apiVersion, kind, metadata and spec' }), { description: 'Kubernetes and Istio objects, written out here' })),
  services: optional(Type.Array(sketch, { description: 'Services with their pods, in short' })),
  namespace: optional(text('namespace of objects that name none, and of callers; default when absent')),
  injected: optional(Type.Array(text('name of a namespace'), { description: 'namespaces labelled istio-injection=enabled, beside those whose manifests say so; that of the file when absent' })),
  outboundTrafficPolicy: optional(Type.Enum(['ALLOW_ANY', 'REGISTRY_ONLY'], { description: 'what the mesh does with hosts that it does not know where no Sidecar says so: ALLOW_ANY (as Istio installs) or REGISTRY_ONLY' })),
  tests: Type.Array(testCase, { minItems: 1, description: 'the tests, a list of {name, request, expect}' })
}, { title: 'Bankinfo rule tests', description: 'a mapping with tests, and files, resources or services for the world that they run in' })

export type TestFile = Static<typeof testFileSchema>
export type TestCase = Static<typeof testCase>
export type TestRequest = Static<typeof request>
export type Expectation = Static<typeof expectation>
export type ServiceSketch = Static<typeof sketch>
export type ComparedHeaders = Static<typeof compared>
export type ExpectedDestination = Static<typeof destination>
export type ExpectedMirror = Static<typeof mirror>
