import { describe, expect, it } from 'vitest'
import { selectorCell } from './columns.ts'

describe('a label selector in a table', () => {
  it.each([
    [{}, '<none>'],
    [{ matchLabels: { tier: 'front', app: 'web' } }, 'app=web,tier=front'],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['productpage', 'addedvalues'] }] }, 'app in (addedvalues,productpage)'],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['back'] }, { key: 'new', operator: 'Exists' }, { key: 'old', operator: 'DoesNotExist' }] }, 'app=web,tier notin (back),new,!old']
  ])('%j reads %s', (selector, text) => {
    expect(selectorCell(selector)).toBe(text)
  })
})
