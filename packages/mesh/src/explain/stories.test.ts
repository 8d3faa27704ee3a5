import { describe, expect, test } from 'vitest'
import { createMesh } from '../mesh.ts'
import { clusterState, pod, reviewsRule, rulesOf } from '../testing/cluster.ts'
import type { ExplainRequest } from '../mesh.ts'

async function notesOf (rules: string, request: string | ExplainRequest, { mode = 'ALLOW_ANY', labels = {} }: { mode?: 'ALLOW_ANY' | 'REGISTRY_ONLY', labels?: Record<string, string> } = {}): Promise<readonly string[]> {
  const state = clusterState(rules)
  const mesh = createMesh({ external: () => undefined })
  await mesh.update({
    ...state,
    config: { ...state.config, outboundTrafficPolicy: mode },
    namespaces: [{ name: 'default', labels }],
    workloads: [...state.workloads, pod('plain', {}, { kind: 'plain' })]
  })
  const { notes } = mesh.explain({ from: 'default/client', ...(typeof request === 'string' ? { url: request } : request) })
  await mesh.close()
  // How the pod sees the world in general stands first.
  return notes.filter((note) => !note.includes('calls to hosts that the mesh does not know'))
}

const rule = (kind: string, name: string, spec: string, namespace = 'default') => `---\napiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`
const to = (destination: string) => `[{route: [{destination: ${destination}}]}]`

describe('blocked egress', () => {
  test.each([
    ['http://www.example.com:9080/', 'No Service and no ServiceEntry has the host www.example.com, and the mesh configuration lets only known hosts out (REGISTRY_ONLY).'],
    ['http://192.0.2.7:9080/', 'No Service and no ServiceEntry has the host 192.0.2.7']
  ])('names the ServiceEntry that opens %s, and that one does', async (url, why) => {
    const [note = ''] = await notesOf('', url, { mode: 'REGISTRY_ONLY' })
    expect(note).toContain(why)
    const entry = note.slice(note.indexOf('\n') + 1).replaceAll(/^ {2}/gm, '')
    expect(rulesOf(entry)).toMatchObject([{ kind: 'ServiceEntry', metadata: { namespace: 'default' } }])
    const state = clusterState(entry)
    const mesh = createMesh({ external: () => undefined })
    await mesh.update({ ...state, config: { ...state.config, outboundTrafficPolicy: 'REGISTRY_ONLY' } })
    expect(mesh.predict({ from: 'default/client', url })).toMatchObject({ ends: [{ request: {}, response: { status: 200 } }] })
    expect(mesh.predict({ from: 'default/client', url }).unknownHost).toBeUndefined()
    await mesh.close()
  })

  test('says which Sidecar hides a Service, and which of its ports are known', async () => {
    const sidecar = rule('Sidecar', 'default', '{egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}')
    const [note] = await notesOf(sidecar, 'http://other.elsewhere:9080/')
    expect(note).toMatch(/^Service elsewhere\/other has this host, and the egress hosts of Sidecar default\/default hide it\. This opens .*\n[^]*hosts: \[other\.elsewhere\.svc\.cluster\.local\]/)
    expect(await notesOf('', 'http://httpbin:9080/', { mode: 'REGISTRY_ONLY' })).toEqual([
      'Service default/httpbin has this host with port 8000, 8443 and not with 9080, so the call is one to an unknown host, which the mesh configuration blocks. Call one of its ports, or add 9080 to them.'
    ])
  })
})

describe('rules that take no part', () => {
  test.each([
    ['an older one for the host', reviewsRule(to('{host: reviews}'), { name: 'aaa' }) + rule('VirtualService', 'bbb', `{hosts: [reviews], http: ${to('{host: reviews}')}}`),
      'VirtualService default/bbb is for this host, too, and takes no part: in the mesh only one VirtualService of a host counts, and VirtualService default/aaa is the older, or names the host more exactly. Put the routes of both into one.'],
    ['one bound to a gateway', rule('VirtualService', 'gated', `{hosts: [reviews], gateways: [gw], http: ${to('{host: reviews}')}}`),
      'VirtualService default/gated is for this host, too, and takes no part: its gateways (gw) do not name "mesh", so calls inside the mesh do not meet it.'],
    ['one that is not exported', rule('VirtualService', 'kept', `{hosts: [reviews.default.svc.cluster.local], exportTo: ["."], http: ${to('{host: reviews}')}}`, 'elsewhere'),
      'VirtualService elsewhere/kept is for this host, too, and takes no part: its exportTo (.) leaves out namespace default.'],
    ['one of another namespace with the same short name', rule('VirtualService', 'far', `{hosts: [reviews], http: ${to('{host: reviews}')}}`, 'elsewhere'),
      'VirtualService elsewhere/far is for reviews.elsewhere.svc.cluster.local, not for reviews.default.svc.cluster.local: a host without a dot is one of the rule\'s own namespace.'],
    ['one that cuts a name short', rule('VirtualService', 'dotted', `{hosts: [reviews.default], http: ${to('{host: reviews}')}}`),
      'VirtualService default/dotted is for "reviews.default", taken as it stands: a host with a dot must be the full name, reviews.default.svc.cluster.local.']
  ])('%s', async (_what, rules, note) => {
    expect(await notesOf(rules, 'http://reviews:9080/')).toEqual([note])
  })

  test('one for a host that nobody has, on another port than 80', async () => {
    const rules = rule('VirtualService', 'ext', `{hosts: [a.example.com], http: ${to('{host: reviews, port: {number: 9080}}')}}`)
    expect(await notesOf(rules, 'http://a.example.com:9080/')).toEqual(['VirtualService default/ext is for this host, too, and takes no part: no Service or ServiceEntry has the host, and then a rule counts on port 80 alone, not on 9080.'])
    expect(await notesOf(rules, 'http://a.example.com/')).toEqual([])
  })

  test('says nothing where nothing is idle', async () => {
    expect(await notesOf(reviewsRule(to('{host: reviews}')) + rule('VirtualService', 'httpbin', `{hosts: [httpbin], http: ${to('{host: httpbin}')}}`) +
      rule('VirtualService', 'door', `{hosts: ["*"], gateways: [gw], http: ${to('{host: reviews}')}}`), 'http://reviews:9080/')).toEqual([])
  })
})

describe('destinations that fail', () => {
  const subsets = rule('DestinationRule', 'parts', '{host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v8, labels: {version: v8}}]}')
  test.each([
    ['{host: nosuch}', 'No Service and no ServiceEntry has the host nosuch.default.svc.cluster.local.'],
    ['{host: reviews.default}', 'No Service and no ServiceEntry has the host reviews.default. A destination with a dot is taken as it stands: write reviews.default.svc.cluster.local.'],
    ['{host: reviews, port: {number: 1}}', 'Service default/reviews has port 9080, and not 1: name one of them as the destination\'s port.'],
    ['{host: reviews, subset: v9}', 'No DestinationRule has a subset v9 of reviews.default.svc.cluster.local; there are v1 (DestinationRule default/parts), v8 (DestinationRule default/parts).'],
    ['{host: httpbin, subset: v1, port: {number: 8000}}', 'No DestinationRule names subsets of httpbin.default.svc.cluster.local: apply one that has v1.'],
    ['{host: reviews, subset: v8}', 'No ready pod of Service default/reviews has the labels of subset v8 (version=v8, DestinationRule default/parts).'],
    ['{host: other.elsewhere.svc.cluster.local}', 'No ready pod serves Service elsewhere/other.']
  ])('%s', async (destination, note) => {
    expect(await notesOf(`---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews, namespace: default}\nspec: {hosts: [reviews], http: ${to(destination)}}\n${subsets}`, 'http://reviews:9080/')).toEqual([note])
  })
})

describe('at a gateway', () => {
  const gateway = (hosts: string, selector = '{istio: ingressgateway}') => rule('Gateway', 'gw', `{selector: ${selector}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}}]}`)
  const asked = { from: 'outside', url: 'http://bank.example.com/' }
  const virtualService = (more: string) => rule('VirtualService', 'bank', `{hosts: [bank.example.com], ${more} http: ${to('{host: reviews}')}}`)
  const unbound = 'No VirtualService is bound to a Gateway of istio-system/ingress for host bank.example.com on port 80.'
  const begin = 'VirtualService default/bank is for this host, and not bound here: '
  test.each([
    ['no gateway named', gateway('["*"]') + virtualService(''), [unbound, `${begin}it names no gateway, so it is for calls inside the mesh. Add "gateways: [default/gw]".`]],
    ['a gateway that is not there', gateway('["*"]') + virtualService('gateways: [other/gw],'), [unbound, `${begin}there is no Gateway other/gw; here is default/gw. A name without a namespace is one of the rule's own.`]],
    ['a host that the gateway does not serve', gateway('[shop.example.com]') + virtualService('gateways: [gw],'), [
      unbound, 'The Gateways on port 80 (Gateway default/gw) serve shop.example.com, and not bank.example.com: add it to their hosts.', `${begin}the hosts of that Gateway leave it out, or give it to another namespace.`
    ]],
    ['not exported', gateway('["*"]') + virtualService('gateways: [gw], exportTo: ["."],'), [unbound, `${begin}its exportTo leaves out namespace istio-system, where the gateway is.`]],
    ['bound', gateway('["*"]') + virtualService('gateways: [gw],'), []]
  ])('%s', async (_what, rules, notes) => {
    expect(await notesOf(rules, asked)).toEqual(notes)
  })

  test('a closed port', async () => {
    expect(await notesOf(gateway('["*"]', '{istio: another}'), asked)).toEqual([
      'No Gateway opens port 80 on istio-system/ingress: the connection is refused.',
      'Gateway default/gw asks for this port, and its selector (istio=another) is not met by istio-system/ingress (istio=ingressgateway).',
      'Open are none: apply a Gateway that selects this pod.'
    ])
    expect((await notesOf(gateway('["*"]'), { from: 'outside', url: 'http://bank.example.com:81/' })).at(-1)).toBe('Open are 80 (Gateway default/gw).')
  })
})

test('a pod without a sidecar', async () => {
  const from = { from: 'default/plain', url: 'http://reviews:9080/' }
  expect((await notesOf('', from)).at(-1)).toBe('Rules apply to its calls once its namespace has the label ("kubectl label namespace default istio-injection=enabled") and the pod is restarted.')
  expect((await notesOf('', from, { labels: { 'istio-injection': 'enabled' } })).at(-1)).toMatch(/older than the label, or opts out/)
})
