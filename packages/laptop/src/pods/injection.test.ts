import { describe, expect, it } from 'vitest'
import type { StoredNamespace, StoredPod } from '../controllers/kinds.ts'
import { wantsSidecar } from './injection.ts'

const base = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

function namespace (labels: Record<string, string>): StoredNamespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { ...base, name: 'n', labels } } as unknown as StoredNamespace
}

function pod ({ labels = {}, annotations = {}, spec = {} }: { labels?: Record<string, string>, annotations?: Record<string, string>, spec?: object }): StoredPod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...base, name: 'p', namespace: 'n', labels, annotations }, spec: { containers: [], ...spec } } as unknown as StoredPod
}

const inject = (value: string) => ({ 'sidecar.istio.io/inject': value })

describe('a pod gets a sidecar', () => {
  it.each([
    [true, 'in a namespace that asks for it', namespace({ 'istio-injection': 'enabled' }), pod({})],
    [false, 'not when its label says no', namespace({ 'istio-injection': 'enabled' }), pod({ labels: inject('false') })],
    [false, 'not when its annotation says no', namespace({ 'istio-injection': 'enabled' }), pod({ annotations: inject('false') })],
    [true, 'when its label says yes and its annotation no', namespace({ 'istio-injection': 'enabled' }), pod({ labels: inject('true'), annotations: inject('false') })],
    [false, 'not in a namespace without a label', namespace({}), pod({})],
    [true, 'there too, when its label asks for it', namespace({}), pod({ labels: inject('true') })],
    [false, 'not there by an annotation', namespace({}), pod({ annotations: inject('true') })],
    [false, 'never in a namespace that forbids it', namespace({ 'istio-injection': 'disabled' }), pod({ labels: inject('true') })],
    [true, 'in a namespace with a revision', namespace({ 'istio.io/rev': 'default' }), pod({})],
    [false, 'not on the network of the host', namespace({ 'istio-injection': 'enabled' }), pod({ spec: { hostNetwork: true } })]
  ])('%s: %s', (wanted, _, where, what) => {
    expect(wantsSidecar(what, where)).toBe(wanted)
  })
})
