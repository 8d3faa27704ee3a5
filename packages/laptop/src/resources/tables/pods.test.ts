import { describe, expect, it } from 'vitest'
import type { StoredObject } from '../../store/store.ts'
import { podSummary } from './pods.ts'

const running = { ready: true, restartCount: 0, state: { running: {} } }
const sidecar = { name: 'istio-proxy', started: true, ...running }

function pod (status: object, metadata: object = {}): StoredObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { containers: [{ name: 'app' }], initContainers: [{ name: 'istio-init' }, { name: 'istio-proxy', restartPolicy: 'Always' }] },
    status
  }
}

describe('podSummary', () => {
  it('counts a sidecar as a container', () => {
    const status = { phase: 'Running', initContainerStatuses: [{ name: 'istio-init', state: { terminated: { exitCode: 0 } } }, sidecar], containerStatuses: [{ name: 'app', ...running }] }
    expect(podSummary(pod(status))).toEqual({ ready: 2, containers: 2, reason: 'Running', restarts: '0' })
  })

  it('shows which init container it waits for, and which has failed', () => {
    expect(podSummary(pod({ phase: 'Pending', initContainerStatuses: [{ name: 'istio-init', state: { running: {} } }] })).reason).toBe('Init:0/2')
    expect(podSummary(pod({ phase: 'Pending', initContainerStatuses: [{ name: 'istio-init', state: { terminated: { exitCode: 3 } } }] })).reason).toBe('Init:ExitCode:3')
  })

  it('shows why a container does not run, and when it was restarted last', () => {
    const finishedAt = new Date(Date.now() - 30_000).toISOString()
    const crashed = { name: 'app', ready: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { finishedAt } } }
    const { reason, ready, restarts } = podSummary(pod({ phase: 'Running', initContainerStatuses: [sidecar], containerStatuses: [crashed] }))
    expect([reason, ready]).toEqual(['CrashLoopBackOff', 1])
    expect(restarts).toMatch(/^4 \(3\ds ago\)$/)
  })

  it('is terminating as soon as it is to go, unless it has ended already', () => {
    const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(podSummary(pod({ phase: 'Running' }, going)).reason).toBe('Terminating')
    expect(podSummary(pod({ phase: 'Succeeded' }, going)).reason).toBe('Succeeded')
  })
})
