import { describe, expect, it } from 'vitest'
import { threeWayMerge } from './three-way.ts'

const pod = (containers: readonly object[]) => ({ spec: { containers } })

describe('threeWayMerge', () => {
  it('sets what the file sets, takes away what it dropped, keeps what others set', () => {
    const merged = threeWayMerge({ last: { data: { a: '1', b: '1' } }, next: { data: { a: '2' } }, current: { data: { a: '1', b: '1', c: '3' } } }, true)
    expect(merged).toEqual({ data: { a: '2', c: '3' } })
  })

  it('merges containers by name: defaults and what others added stay', () => {
    const last = pod([{ name: 'app', image: 'x:1', env: [{ name: 'A', value: '1' }] }, { name: 'gone', image: 'y' }])
    const next = pod([{ name: 'app', image: 'x:2' }])
    const current = pod([{ name: 'app', image: 'x:1', imagePullPolicy: 'Always', env: [{ name: 'A', value: '1' }] }, { name: 'gone', image: 'y' }, { name: 'added', image: 'z' }])
    expect(threeWayMerge({ last, next, current }, true)).toEqual(pod([{ name: 'app', image: 'x:2', imagePullPolicy: 'Always' }, { name: 'added', image: 'z' }]))
  })

  it('replaces lists of rules as a whole', () => {
    const merged = threeWayMerge({ last: { spec: { http: [{ a: 1 }] } }, next: { spec: { http: [{ b: 2 }] } }, current: { spec: { http: [{ a: 1 }, { c: 3 }] } } }, false)
    expect(merged).toEqual({ spec: { http: [{ b: 2 }] } })
  })
})
