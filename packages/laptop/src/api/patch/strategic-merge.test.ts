import { describe, expect, it } from 'vitest'
import { listKeysOf } from './merge-keys.ts'
import { mergePatch, mergePatchBetween } from './merge-patch.ts'
import { strategicMerge } from './strategic-merge.ts'

const spec = (containers: readonly object[], rest: object = {}) => ({ spec: { template: { spec: { containers, ...rest } } } })

describe('strategicMerge', () => {
  it('merges list items by their key, adds new ones, and deletes those marked so', () => {
    const target = spec([{ name: 'a', image: 'a:1', ports: [{ containerPort: 80, name: 'http' }] }, { name: 'b', image: 'b:1' }])
    const patch = spec([{ name: 'b', $patch: 'delete' }, { name: 'c', image: 'c:1' }, { name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }] }])
    expect(strategicMerge(target, patch)).toEqual(spec([{ name: 'a', image: 'a:1', ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }] }, { name: 'c', image: 'c:1' }]))
  })

  it('obeys $setElementOrder, $retainKeys, $patch: replace and $deleteFromPrimitiveList', () => {
    const target = { metadata: { finalizers: ['a', 'b'] }, ...spec([{ name: 'a' }, { name: 'b' }], { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }) }
    const patch = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] },
      spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], strategy: { $retainKeys: ['type'], type: 'Recreate' } } } }
    }
    expect(strategicMerge(target, patch)).toEqual({ metadata: { finalizers: ['b', 'c'] }, ...spec([{ name: 'b' }, { name: 'a' }], { strategy: { type: 'Recreate' } }) })
    expect(strategicMerge({ a: { b: 1, c: 2 } }, { a: { $patch: 'replace', d: 3 } })).toEqual({ a: { d: 3 } })
  })

  it('takes null for "away", and replaces lists without a key', () => {
    expect(strategicMerge({ spec: { a: 1, args: ['x', 'y'] } }, { spec: { a: null, args: ['z'] } })).toEqual({ spec: { args: ['z'] } })
  })

  it('merges no list of a rule: ServiceEntry\'s ports have no key', () => {
    const merged = strategicMerge({ spec: { ports: [{ number: 80, port: 1 }] } }, { spec: { ports: [{ number: 443, port: 1 }] } }, listKeysOf('networking.istio.io/v1'))
    expect(merged).toEqual({ spec: { ports: [{ number: 443, port: 1 }] } })
  })
})

describe('merge patches', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }], [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }], [['a', 'b'], { a: 1 }, { a: 1 }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }]
  ])('RFC 7396: %j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })

  it('finds the patch between two objects', () => {
    const [from, to] = [{ a: 1, b: { c: 2, d: [1] }, e: 5 }, { a: 1, b: { c: 3, d: [1, 2] }, f: 6 }]
    const patch = mergePatchBetween(from, to)
    expect(patch).toEqual({ b: { c: 3, d: [1, 2] }, e: null, f: 6 })
    expect(mergePatch(from, patch)).toEqual(to)
    expect(mergePatchBetween(to, to)).toEqual({})
  })
})
