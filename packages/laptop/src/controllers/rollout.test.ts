import { describe, expect, it } from 'vitest'
import type { StoredDeployment, StoredReplicaSet } from './kinds.ts'
import { templateHash } from './names.ts'
import { planRollout } from './rollout.ts'

const base = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

function set (name: string, replicas: number, available: number = replicas): StoredReplicaSet {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { ...base, name }, spec: { replicas }, status: { replicas, availableReplicas: available } } as unknown as StoredReplicaSet
}

function deployment (replicas: number, strategy?: object): StoredDeployment {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...base, name: 'd' }, spec: { replicas, strategy } } as unknown as StoredDeployment
}

function plan (of: StoredDeployment, current: StoredReplicaSet, ...old: StoredReplicaSet[]): Record<string, number> {
  return Object.fromEntries(planRollout({ deployment: of, current, old }).scale)
}

describe('a rolling update', () => {
  it('of one pod starts the new one first, and ends the old one when the new one is available', () => {
    expect(plan(deployment(1), set('new', 0), set('old', 1))).toEqual({ new: 1 })
    expect(plan(deployment(1), set('new', 1, 0), set('old', 1))).toEqual({})
    expect(plan(deployment(1), set('new', 1), set('old', 1))).toEqual({ old: 0 })
  })

  it('goes in steps of a quarter', () => {
    expect(plan(deployment(4), set('new', 0), set('old', 4))).toEqual({ new: 1, old: 3 })
    expect(plan(deployment(4), set('new', 1, 0), set('old', 3))).toEqual({ new: 2 })
    expect(plan(deployment(4), set('new', 2, 2), set('old', 3))).toEqual({ old: 1 })
  })

  it('takes old pods that are not available first', () => {
    expect(plan(deployment(3), set('new', 1), set('old', 1), set('broken', 2, 0))).toEqual({ broken: 1 })
  })

  it('obeys absolute bounds, and never stands still for two zeros', () => {
    expect(plan(deployment(3, { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }), set('new', 0), set('old', 3))).toEqual({ old: 2 })
    expect(plan(deployment(3, { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }), set('new', 0), set('old', 3))).toEqual({ old: 2 })
  })

  it('scales alone when there is nothing old', () => {
    expect(plan(deployment(3), set('new', 1))).toEqual({ new: 3 })
    expect(plan(deployment(0), set('new', 1))).toEqual({ new: 0 })
  })
})

describe('strategy Recreate', () => {
  it('starts new pods when the old ones have gone', () => {
    expect(plan(deployment(2, { type: 'Recreate' }), set('new', 0), set('old', 2))).toEqual({ old: 0 })
    expect(plan(deployment(2, { type: 'Recreate' }), set('new', 0), { ...set('old', 0), status: { replicas: 1 } } as StoredReplicaSet)).toEqual({})
    expect(plan(deployment(2, { type: 'Recreate' }), set('new', 0), set('old', 0))).toEqual({ new: 2 })
  })
})

describe('the hash of a template', () => {
  it('does not depend on the order of fields', () => {
    expect(templateHash({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(templateHash({ b: [{ d: 3, c: 2 }], a: 1 }))
    expect(templateHash({ a: 1 })).not.toBe(templateHash({ a: 2 }))
    expect(templateHash({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/)
  })
})
