import { describe, expect, it } from 'vitest'
import { fieldSelector, labelSelector, SelectorError } from './selector.ts'

describe('labelSelector', () => {
  const labels = { app: 'web', version: 'v2', weight: '5' }

  it.each([
    ['', true], ['app=web', true], ['app==web', true], ['app=api', false], ['app!=api', true], ['app', true], ['!app', false], ['!canary', true],
    ['version in (v1, v2)', true], ['version in (v1)', false], ['version notin (v1)', true], ['canary notin (yes)', true], ['canary in (yes)', false],
    ['app=web,version=v2', true], ['app=web, version=v1', false], ['version in (v1,v2),app=web', true], ['weight>4', true], ['weight<5', false], ['canary!=yes', true]
  ])('%s is %s', (selector, expected) => {
    expect(labelSelector(selector)(labels)).toBe(expected)
  })

  it.each(['=web', 'app in', 'app in (a', 'a=b c=d', ',,'])('does not understand %s', (selector) => {
    expect(() => labelSelector(selector)).toThrow(SelectorError)
  })
})

describe('fieldSelector', () => {
  const event = { metadata: { name: 'a', namespace: 'default' }, involvedObject: { kind: 'Pod', uid: '1' }, count: 2 }

  it.each([
    ['metadata.name=a', true], ['metadata.name!=a', false], ['involvedObject.uid=1,involvedObject.kind==Pod', true], ['status.phase=', true], ['status.phase=Running', false], ['count=2', true]
  ])('%s is %s', (selector, expected) => {
    expect(fieldSelector(selector)(event)).toBe(expected)
  })

  it('does not understand a term without an operator', () => {
    expect(() => fieldSelector('metadata.name')).toThrow(SelectorError)
  })
})
