import { expect, it } from 'vitest'
import type { Resource } from '../../model.ts'
import { formatPath } from '../problem.ts'
import { locateErrors } from './locate-errors.ts'

const places = (spec: object, kind = 'VirtualService') => locateErrors({ apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'a', namespace: 'default' }, spec } as unknown as Resource)
  .map(({ message, steps }) => `${formatPath(steps)}: ${message.split(';', 1)[0] ?? ''}`)
const to = (weight?: number) => ({ destination: { host: 'a' }, ...(weight !== undefined && { weight }) })

it.each([
  ['a negative weight', { hosts: ['a'], http: [{ route: [to(110), to(-10)] }] }, 'spec.http[0].route[1].weight: weight -10 < 0'],
  ['a bad regular expression', { hosts: ['a'], http: [{ match: [{ uri: { prefix: '/' } }, { headers: { 'x-a': { regex: '(' } } }], route: [to()] }] }, 'spec.http[0].match[1].headers.x-a.regex: "headers": error parsing regexp: missing closing ): `(`'],
  ['weights that are all zero', { hosts: ['a'], http: [{ route: [to()] }, { route: [to(0), to(0)] }] }, 'spec.http[1].route[0]: total destination weight = 0'],
  ['a route that goes nowhere', { hosts: ['a'], http: [{ route: [to()] }, { timeout: '1s' }] }, 'spec.http[1]: HTTP route, redirect or direct_response is required'],
  ['a wrong host', { hosts: ['a', 'b_!'], http: [{ route: [to()] }] }, expect.stringMatching(/^spec\.hosts\[1\]: /)],
  ['one route of a thousand', { hosts: ['a'], http: Array.from({ length: 1000 }, (_, index) => ({ match: [{ uri: { exact: `/${index}` } }], route: [index === 777 ? to(-1) : to()] })) }, 'spec.http[777].route[0].weight: weight -1 < 0']
])('finds %s', (_what, spec, place) => {
  expect(places(spec)).toEqual([place])
})

it('finds several errors, and has nothing to say of a rule that is right', () => {
  expect(places({ hosts: ['a'], http: [{ route: [to(-1), to(5)] }, { match: [{ uri: { regex: '[' } }], route: [to()] }] }).map((place) => place.split(': ', 1)[0]).sort()).toEqual(['spec.http[0].route[0].weight', 'spec.http[1].match[0].uri.regex'])
  expect(places({ hosts: ['a'], http: [{ route: [to()] }] })).toEqual([])
})

it('points at the annotation that only Istio may write, and at the spec that is not there', () => {
  const locate = (resource: object) => locateErrors({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', ...resource } as unknown as Resource).map(({ steps }) => formatPath(steps))
  expect(locate({ metadata: { name: 'a', annotations: { mine: 'x', 'internal.istio.io/parents': 'x' } }, spec: { hosts: ['a'], http: [{ route: [to()] }] } })).toEqual(['metadata.annotations.internal.istio.io/parents'])
  expect(locate({ metadata: { name: 'a' } })).toEqual(['spec'])
})
