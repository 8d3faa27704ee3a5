import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiFailure } from '../cli/client.ts'
import type { NewObject } from '../store/store.ts'
import { startTestApi, type TestApi } from '../testing/api.ts'
import { examineCluster, examineFacts } from './cluster.ts'
import type { Finding } from './finding.ts'

let api: TestApi
/** What the page's addresses answer; nothing answers at any other. */
let answers: Record<string, number>

beforeEach(async () => {
  api = await startTestApi()
  answers = { 'http://192.0.2.1/productpage': 200 }
})
afterEach(() => api.close())

async function examine (): Promise<readonly Finding[]> {
  return await examineFacts({
    context: 'lab',
    namespace: 'default',
    probe: async (url) => answers[url],
    read: async (path) => {
      try {
        return await api.client.request('GET', path)
      } catch (error) {
        if (error instanceof ApiFailure && error.code === 404) return undefined
        throw error
      }
    }
  })
}

type Fields = Record<string, unknown>

async function create (apiVersion: string, kind: string, name: string, { namespace = 'default', labels = {}, ...rest }: Fields & { namespace?: string, labels?: Record<string, string> } = {}): Promise<void> {
  await api.store.create({ apiVersion, kind, metadata: { name, namespace, labels }, ...rest } as unknown as NewObject)
}

async function change (kindKey: string, name: string, fields: Fields, namespace?: string): Promise<void> {
  const found = api.store.get(kindKey, namespace, name)
  if (found === undefined) throw new Error(`${kindKey} ${name} is not there`)
  await api.store.update({ ...found, ...fields, metadata: { ...found.metadata, ...(fields.metadata as object) } })
}

const partOf = { 'app.kubernetes.io/part-of': 'bankinfo' }
const running = { conditions: [{ type: 'PodScheduled', status: 'True' }, { type: 'Ready', status: 'True' }], phase: 'Running' }
const sidecar = { name: 'istio-proxy', image: 'proxy:1', restartPolicy: 'Always' }

async function pod (app: string, { namespace = 'default', status = running, bare = false }: { namespace?: string, status?: object, bare?: boolean } = {}): Promise<void> {
  await create('v1', 'Pod', `${app}-v1-5f477-6d86t`, {
    namespace,
    labels: { app, ...partOf },
    spec: { containers: [{ name: app, image: `localhost/bankinfo/${app}:1.0.0` }], ...(!bare && { initContainers: [sidecar] }) },
    status
  })
}

async function autoscaler (message?: string): Promise<void> {
  const active = message === undefined ? { status: 'True', reason: 'ValidMetricFound' } : { status: 'False', reason: 'FailedGetContainerResourceMetric', message }
  await create('autoscaling/v2', 'HorizontalPodAutoscaler', 'productpage-v1', {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'productpage-v1' }, maxReplicas: 3 },
    status: { desiredReplicas: 1, conditions: [{ type: 'ScalingActive', ...active }] }
  })
}

/** A cluster on which the workshop works, but for the add-ons. */
async function healthy (): Promise<void> {
  await change('Namespace', 'default', { metadata: { labels: { 'istio-injection': 'enabled' } } })
  await create('v1', 'Namespace', 'external', { namespace: undefined as unknown as string })
  await create('apps/v1', 'Deployment', 'istiod', { namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': 'default' }, status: { readyReplicas: 1 } })
  await create('v1', 'Pod', 'gateway-1', { namespace: 'istio-system', labels: { istio: 'ingressgateway' } })
  await create('v1', 'Service', 'istio-ingressgateway', { namespace: 'istio-system', spec: { type: 'LoadBalancer', ports: [{ name: 'http2', port: 80, nodePort: 30080 }] }, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } })
  await create('networking.istio.io/v1', 'Gateway', 'bankinfo-gateway', { spec: { selector: { istio: 'ingressgateway' } } })
  await create('apps/v1', 'Deployment', 'productpage-v1', { labels: { app: 'productpage' }, spec: { replicas: 1 }, status: { readyReplicas: 1 } })
  for (const app of ['productpage', 'details', 'addedvalues']) await pod(app)
  await pod('styletransfer', { namespace: 'external', bare: true })
}

/** Jaeger, every request traced for it, and Istio's mesh configuration. */
async function tracing (mesh: string): Promise<void> {
  await create('apps/v1', 'Deployment', 'jaeger', { namespace: 'istio-system' })
  await create('v1', 'ConfigMap', 'istio', { namespace: 'istio-system', data: { mesh } })
  await create('telemetry.istio.io/v1', 'Telemetry', 'bankinfo', { namespace: 'istio-system', spec: { tracing: [{ providers: [{ name: 'jaeger' }], randomSamplingPercentage: 100 }] } })
}

const problems = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ state }) => state !== 'ok')

describe('the doctor on a cluster', () => {
  it('finds nothing wrong where the workshop works, and tells where the page is', async () => {
    await healthy()
    const findings = await examine()
    expect(findings.filter(({ state }) => state === 'wrong')).toEqual([])
    expect(findings).toContainEqual({ state: 'ok', text: 'the page: http://192.0.2.1/productpage' })
    expect(findings).toContainEqual({ state: 'ok', text: 'all 4 pods are ready' })
  })

  const waiting = (name: string, state: object, more: object = {}) => ({ phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [{ name, image: `localhost/bankinfo/${name}:1.0.0`, state, ...more }] })
  const faults: ReadonlyArray<readonly [what: string, make: () => Promise<void>, text: RegExp, mend: RegExp]> = [
    ['a namespace without the label', async () => await change('Namespace', 'default', { metadata: { labels: {} } }), /default has no label istio-injection/, /^kubectl label namespace default istio-injection=enabled/],
    ['a namespace that switches injection off', async () => await change('Namespace', 'default', { metadata: { labels: { 'istio-injection': 'disabled' } } }), /istio-injection=disabled/, /istio-injection=enabled/],
    ['a revision that no istiod has', async () => await change('Namespace', 'default', { metadata: { labels: { 'istio.io/rev': '1-20' } } }), /revision 1-20, and no istiod has it/, /istio\.io\/rev-/],
    ['pods that are 1/1', async () => { await api.store.delete('Pod', 'default', 'details-v1-5f477-6d86t'); await pod('details', { bare: true }) }, /without a sidecar \(READY 1\/1\).*details-v1/, /^kubectl rollout restart deployment -n default/],
    ['an image that is on no node', async () => await change('Pod', 'details-v1-5f477-6d86t', { status: waiting('details', { waiting: { reason: 'ErrImageNeverPull' } }) }, 'default'), /localhost\/bankinfo\/details:1\.0\.0 is not on the nodes/, /scripts\/images\.sh/],
    ['an image for another processor', async () => await change('Pod', 'details-v1-5f477-6d86t', { status: waiting('details', { waiting: { reason: 'CrashLoopBackOff' } }, { lastState: { terminated: { exitCode: 255, message: 'exec /usr/local/bin/node: exec format error' } } }) }, 'default'), /built for another processor/, /BANKINFO_PLATFORMS/],
    ['a pod that crashes', async () => await change('Pod', 'details-v1-5f477-6d86t', { status: waiting('details', { waiting: { reason: 'CrashLoopBackOff' } }, { lastState: { terminated: { exitCode: 1 } } }) }, 'default'), /details-v1.* ends again and again \(exit code 1\)/, /kubectl logs .* --previous/],
    ['a pod that was killed for its memory', async () => await change('Pod', 'details-v1-5f477-6d86t', { status: waiting('details', { waiting: { reason: 'CrashLoopBackOff' } }, { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }) }, 'default'), /memory limit/, /kubectl set resources deployment -n default details-v1/],
    ['a pod that finds no node', async () => await change('Pod', 'details-v1-5f477-6d86t', { status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: Insufficient memory.' }] } }, 'default'), /finds no node: .*Insufficient memory/, /docs\/cluster\.md/],
    ['Pod Security that refuses sidecars', async () => {
      await change('Deployment.apps', 'productpage-v1', { status: { readyReplicas: 0 } }, 'default')
      await create('v1', 'Event', 'refused', { reason: 'FailedCreate', message: 'Error creating: pods "x" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities' })
    }, /refuses pods with a sidecar \(violates PodSecurity "baseline:latest"\)/, /components\.cni\.enabled=true/],
    ['styletransfer away', async () => await api.store.delete('Pod', 'external', 'styletransfer-v1-5f477-6d86t').then(() => {}), /styletransfer is not in namespace external/, /kubectl apply -k k8s/],
    ['several productpages without a common key', async () => await change('Deployment.apps', 'productpage-v1', { spec: { replicas: 3 } }, 'default'), /no common session key/, /kubectl create secret generic productpage-session/],
    ['autoscalers without metrics-server', async () => await autoscaler('unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'), /no metrics-server: .*\(productpage-v1\)/, /metrics-server\/releases.*components\.yaml/],
    ['autoscalers that know no load for another reason', async () => await autoscaler('failed to get cpu utilization: container productpage not present in metrics for pod'), /without a measure of the load: productpage-v1: .*not present in metrics/, /^kubectl describe horizontalpodautoscaler productpage-v1 -n default$/],
    ['a port whose name says no protocol', async () => await create('v1', 'Service', 'rates', { spec: { ports: [{ name: 'web', port: 9080 }] } }), /Service rates: port 9080 is named "web"/, /appProtocol/],
    ['a subset that nobody defines', async () => await create('networking.istio.io/v1', 'VirtualService', 'addedvalues', { spec: { hosts: ['addedvalues'], http: [{ route: [{ destination: { host: 'addedvalues', subset: 'v3' } }] }] } }), /subset v3 of addedvalues, which no DestinationRule defines/, /destination-rule-all\.yaml/],
    ['two VirtualServices for a host', async () => { for (const name of ['one', 'two']) await create('networking.istio.io/v1', 'VirtualService', name, { spec: { hosts: ['details'], http: [] } }) }, /2 VirtualServices for details: only the oldest/, /kubectl delete virtualservice -n default/],
    ['no ingress gateway', async () => await api.store.delete('Service', 'istio-system', 'istio-ingressgateway').then(() => {}), /there is no ingress gateway/, /istioctl install/],
    ['no Gateway', async () => await api.store.delete('Gateway.networking.istio.io', 'default', 'bankinfo-gateway').then(() => {}), /no Gateway in namespace default/, /istio\/gateway\.yaml/],
    ['a Gateway that selects nothing', async () => await change('Gateway.networking.istio.io', 'bankinfo-gateway', { spec: { selector: { istio: 'other' } } }, 'default'), /selects istio=other, which no gateway pod has/, /--show-labels/],
    ['a gateway without an address', async () => await change('Service', 'istio-ingressgateway', { status: { loadBalancer: {} } }, 'istio-system'), /no address \(EXTERNAL-IP <pending>/, /kubectl --context lab port-forward/],
    ['an address that does not answer', async () => { answers = {} }, /does not answer from this machine; tried http:\/\/192\.0\.2\.1/, /port-forward/],
    ['a page that answers 404', async () => { answers['http://192.0.2.1/productpage'] = 404 }, /answers 404/, /gateway\.yaml/],
    ['istiod away', async () => await change('Deployment.apps', 'istiod', { status: {} }, 'istio-system'), /istiod is not ready/, /app=istiod/],
    ['missing add-ons', async () => {}, /not installed: prometheus, grafana, jaeger, kiali/, /cluster-up\.sh --context lab$/m],
    ['an add-on that does not come up', async () => await create('apps/v1', 'Deployment', 'kiali', { namespace: 'istio-system', status: { replicas: 1 } }), /add-ons that are not ready: kiali/, /describe pod/],
    ['traces of one request in a hundred', async () => await create('apps/v1', 'Deployment', 'jaeger', { namespace: 'istio-system' }), /not every request is traced/, /observability/],
    ['traces for a provider that Istio does not know', async () => {
      await tracing('outputFile: x')
    }, /provider jaeger, which Istio's mesh configuration does not have/, /scripts\/cluster\/istio\.yaml/]
  ]
  it.each(faults)('finds %s, and how to mend it', async (_what, make, text, mend) => {
    await healthy()
    const before = problems(await examine()).filter((one) => text.test(one.text))
    await make()
    const found = problems(await examine()).filter((one) => text.test(one.text))
    // The add-ons are what even the healthy cluster lacks.
    expect(before.length === 0 || found[0]?.text.startsWith('not installed')).toBe(true)
    expect(found).toHaveLength(1)
    expect(found[0]?.mend).toMatch(mend)
  })

  it('has nothing to say about autoscalers that know the load', async () => {
    await healthy()
    const before = problems(await examine())
    await autoscaler()
    expect(problems(await examine())).toEqual(before)
  })

  it('is content with traces for a provider that Istio knows', async () => {
    await healthy()
    await tracing('extensionProviders:\n- name: jaeger\n  opentelemetry: {}')
    expect(problems(await examine()).filter(({ text }) => /trace/.test(text.replace(/^not installed.*/, '')))).toEqual([])
  })

  it('names an old Kubernetes, an old Istio and a cluster without Istio', async () => {
    const read = (version: string, groups: readonly string[]) => async (path: string): Promise<unknown> =>
      path === '/version' ? { gitVersion: version } : path === '/apis' ? { groups: groups.map((groupVersion) => ({ versions: [{ groupVersion }] })) } : undefined
    const source = { context: 'lab', namespace: 'default', probe: async () => undefined }
    expect(await examineFacts({ ...source, read: read('v1.24.1', ['networking.istio.io/v1beta1']) })).toEqual(expect.arrayContaining([
      expect.objectContaining({ state: 'wrong', text: expect.stringContaining('Kubernetes v1.24.1 is too old') }),
      expect.objectContaining({ state: 'wrong', text: expect.stringContaining('it serves networking.istio.io/v1beta1') }),
      expect.objectContaining({ state: 'wrong', text: expect.stringContaining('no namespace default') })
    ]))
    expect(await examineFacts({ ...source, read: read('v1.36.0', ['apps/v1']) })).toContainEqual(expect.objectContaining({ state: 'wrong', text: expect.stringContaining('Istio is not installed') }))
  })

  it('tells a cluster that does not answer from one that does not know the user', async () => {
    const source = { context: 'lab', namespace: 'default', probe: async () => undefined }
    const refusing = (message: string) => async (): Promise<unknown> => { throw new Error(message) }
    expect(await examineFacts({ ...source, read: refusing('connect ECONNREFUSED 127.0.0.1:6443') })).toEqual([expect.objectContaining({ state: 'wrong', text: expect.stringContaining('does not answer') })])
    expect(await examineFacts({ ...source, read: refusing('error: You must be logged in to the server (Unauthorized)') })).toEqual([expect.objectContaining({ state: 'wrong', text: expect.stringContaining('does not know you') })])
  })

  it('says so when there is no kubectl', async () => {
    expect(await examineCluster({ context: 'lab', env: { PATH: '/nowhere' } })).toEqual([expect.objectContaining({ state: 'wrong', text: expect.stringContaining('kubectl is missing') })])
  })
})
