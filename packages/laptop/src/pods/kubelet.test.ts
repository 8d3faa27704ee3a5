import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StoredPod } from '../controllers/kinds.ts'
import { isReady } from '../controllers/replica-sets.ts'
import { isAlive } from '../host/processes.ts'
import { createTestCluster, createWorkspace, echoDeployment, eventually } from '../testing/fixture.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let workspace: Awaited<ReturnType<typeof createWorkspace>>
let cluster: Awaited<ReturnType<typeof createTestCluster>>

beforeEach(async () => {
  workspace = await createWorkspace()
  cluster = await createTestCluster(workspace.root)
})

afterEach(async () => {
  await cluster.stop()
  expect(cluster.errors).toEqual([])
  await workspace.remove()
})

async function readyPods (count: number): Promise<readonly StoredPod[]> {
  return await eventually(`${count} ready pods`, () => {
    const pods = cluster.pods().filter(isReady)
    return pods.length === count && cluster.pods().length === count ? pods : false
  })
}

function idOf (pod: StoredPod): string {
  return `default/${pod.metadata.name}`
}

async function ask (pod: StoredPod, path = '/'): Promise<{ pid: number, env: Record<string, string>, args: string[] }> {
  const address = cluster.kubelet.pod(idOf(pod))?.ports().get(8080)
  const response = await fetch(`http://127.0.0.1:${address?.port}${path}`)
  return await response.json() as { pid: number, env: Record<string, string>, args: string[] }
}

async function firstPod (): Promise<StoredPod> {
  const [pod] = await readyPods(1)
  if (pod === undefined) throw new Error('no pod')
  return pod
}

describe('a pod of a Deployment', () => {
  it('runs the workspace package of its image, named as Kubernetes names pods', async () => {
    await cluster.store.create(echoDeployment())
    const pod = await firstPod()
    expect(pod.metadata.name).toMatch(/^echo-[a-z0-9]{10}-[a-z0-9]{5}$/)
    expect(pod.status?.podIP).toBe('10.44.0.2')
    const { pid } = await ask(pod)
    expect(cluster.kubelet.pids()).toEqual([pid])
  })

  it('has an environment built from nothing but its manifest and the laptop\'s own variables', async () => {
    process.env.SECRET_OF_THE_SHELL = 'x'
    await cluster.store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { key: Buffer.from('hidden').toString('base64') } })
    await cluster.store.create(echoDeployment({
      container: {
        env: [
          { name: 'HOST', value: '0.0.0.0' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } },
          { name: 'NONE', valueFrom: { secretKeyRef: { name: 'none', key: 'key', optional: true } } },
          { name: 'BOTH', value: '$(POD)/$(KEY)/$(UNKNOWN)/$$(POD)' }
        ]
      }
    }))
    const pod = await firstPod()
    const { env } = await ask(pod)
    expect(env).toMatchObject({
      HOST: '127.0.0.1', POD: pod.metadata.name, KEY: 'hidden', BOTH: `${pod.metadata.name}/hidden/$(UNKNOWN)/$(POD)`, http_proxy: 'http://pod:token@127.0.0.1:9', HTTPS_PROXY: 'http://pod:token@127.0.0.1:9', NO_PROXY: '', HOSTNAME: pod.metadata.name
    })
    expect(Object.keys(env)).not.toContain('NONE')
    expect(Object.keys(env)).not.toContain('SECRET_OF_THE_SHELL')
    delete process.env.SECRET_OF_THE_SHELL
  })

  it('is started again at once after SIGKILL, and counts it', async () => {
    await cluster.store.create(echoDeployment())
    const pod = await firstPod()
    const { pid } = await ask(pod)
    process.kill(pid, 'SIGKILL')
    const again = await eventually('a restart', () => cluster.pods().find((one) => isReady(one) && one.status?.containerStatuses?.[0]?.restartCount === 1))
    expect(again.metadata.name).toBe(pod.metadata.name)
    expect(again.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect((await ask(again)).pid).not.toBe(pid)
    expect(cluster.kubelet.pod(idOf(pod))?.log('echo', true)?.lines()[0]?.text).toMatch(/^started/)
  })

  it('that keeps crashing waits in CrashLoopBackOff', async () => {
    await cluster.store.create(echoDeployment({ container: { command: ['node', '-e', 'process.exit(3)'] } }))
    const pod = await eventually('the back-off', () => cluster.pods().find((one) => one.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff'))
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 2, ready: false, lastState: { terminated: { exitCode: 3 } } })
  })

  it('of an image that is not there says which ones are', async () => {
    await cluster.store.create(echoDeployment({ container: { image: 'docker.io/library/nginx:1' } }))
    const pod = await eventually('the image error', () => cluster.pods().find((one) => one.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull'))
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('localhost/bankinfo/echo')
    const events = cluster.store.list('Event').map(({ message }) => String(message))
    expect(events.some((message) => message.includes('docker.io/library/nginx:1'))).toBe(true)
  })

  it('waits for a Secret that it needs and starts when it is there', async () => {
    await cluster.store.create(echoDeployment({ container: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'key' } } }] } }))
    await eventually('the missing Secret', () => cluster.pods().some((one) => one.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError'))
    await cluster.store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace: 'default' }, data: { key: 'eA==' } })
    expect((await ask(await firstPod())).env.KEY).toBe('x')
  })

  it('obeys its readiness probe', async () => {
    await cluster.store.create(echoDeployment({ container: { readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, failureThreshold: 1 } } }))
    const pod = await firstPod()
    await ask(pod, '/ready?no')
    await eventually('the pod to be unready', () => cluster.pods().every((one) => !isReady(one)))
    await ask(pod, '/ready?yes')
    await readyPods(1)
    expect(cluster.pods()[0]?.status?.containerStatuses?.[0]?.restartCount).toBe(0)
  })

  it('is restarted when its liveness probe fails', async () => {
    await cluster.store.create(echoDeployment({ container: { livenessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1, failureThreshold: 1 } } }))
    const pod = await firstPod()
    await ask(pod, '/ready?no')
    await eventually('a restart', () => cluster.pods().some((one) => isReady(one) && one.status?.containerStatuses?.[0]?.restartCount === 1))
  })

  it('runs a command that is no Node program, and ends the whole of it', async () => {
    await cluster.store.create(echoDeployment({ container: { command: ['/bin/sh', '-c', 'echo began; sleep 1000'], ports: [] } }))
    const pod = await firstPod()
    const pids = cluster.kubelet.pids()
    await eventually('its output', () => cluster.kubelet.pod(idOf(pod))?.log('echo', false)?.lines().some(({ text }) => text === 'began'))
    await cluster.store.delete('Deployment.apps', 'default', 'echo')
    await eventually('the end', () => cluster.pods().length === 0 && pids.every((pid) => !isAlive(pid)))
  })

  it('gets a sidecar where its namespace asks for one', async () => {
    const namespace = cluster.store.get('Namespace', undefined, 'default')
    if (namespace === undefined) throw new Error('no namespace')
    await cluster.store.update({ ...namespace, metadata: { ...namespace.metadata, labels: { 'istio-injection': 'enabled' } } })
    await cluster.store.create(echoDeployment())
    const pod = await firstPod()
    expect(pod.spec.initContainers?.map(({ name }) => name)).toEqual(['istio-init', 'istio-proxy'])
    expect(pod.status?.initContainerStatuses?.map(({ ready }) => ready)).toEqual([false, true])
    expect(pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']).toBe('echo')
  })
})

describe('a Deployment', () => {
  it('rolls to a new template without ever having no ready pod', async () => {
    await cluster.store.create(echoDeployment({ replicas: 2 }))
    const before = await readyPods(2)
    const deployment = cluster.store.get('Deployment.apps', 'default', 'echo')
    if (deployment === undefined) throw new Error('no Deployment')
    let fewest = 2
    const stop = cluster.store.watch(() => { fewest = Math.min(fewest, cluster.pods().filter(isReady).length) })
    await cluster.store.update({
      ...echoDeployment({ replicas: 2, template: { metadata: { labels: { app: 'echo' }, annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } }),
      metadata: { ...deployment.metadata, generation: 2 }
    })
    await eventually('new pods only', () => {
      const pods = cluster.pods()
      return pods.length === 2 && pods.every(isReady) && pods.every((pod) => !before.some((old) => old.metadata.uid === pod.metadata.uid))
    })
    stop()
    expect(fewest).toBe(2)
    const status = await eventually('its status', () => {
      const found = cluster.store.get('Deployment.apps', 'default', 'echo')?.status as { observedGeneration: number, updatedReplicas: number, conditions: { type: string, reason: string }[] } | undefined
      return found?.conditions.some(({ reason }) => reason === 'NewReplicaSetAvailable') === true ? found : undefined
    })
    expect(status).toMatchObject({ observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 })
    expect(cluster.store.list('ReplicaSet.apps')).toHaveLength(2)
  })

  it('is scaled up and down, and takes its pods along when it is deleted', async () => {
    await cluster.store.create(echoDeployment())
    await readyPods(1)
    for (const replicas of [3, 1]) {
      const deployment = cluster.store.get('Deployment.apps', 'default', 'echo')
      if (deployment === undefined) throw new Error('no Deployment')
      await cluster.store.update({ ...deployment, spec: { ...deployment.spec as object, replicas } })
      await readyPods(replicas)
    }
    const pids = cluster.kubelet.pids()
    await cluster.store.delete('Deployment.apps', 'default', 'echo')
    await eventually('nothing left', () => cluster.pods().length === 0 && cluster.store.list('ReplicaSet.apps').length === 0)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

describe('a namespace that is deleted', () => {
  it('goes when all that was in it has gone', async () => {
    await cluster.store.create(echoDeployment())
    await readyPods(1)
    const namespace = cluster.store.get('Namespace', undefined, 'default')
    if (namespace === undefined) throw new Error('no namespace')
    await cluster.store.update({ ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
    await eventually('the namespace to go', () => cluster.store.get('Namespace', undefined, 'default') === undefined)
    expect(cluster.pods()).toEqual([])
    expect(cluster.store.list('Deployment.apps')).toEqual([])
  })
})
