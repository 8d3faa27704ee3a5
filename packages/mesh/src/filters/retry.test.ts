import { expect, test } from 'vitest'
import { backOff, compileRetries, retriesAnswer, retriesFailure } from './retry.ts'

test.for<readonly [retryOn: string, status: number, fields: readonly string[], again: boolean]>([
  ['5xx', 503, [], true],
  ['5xx', 404, [], false],
  ['gateway-error', 500, [], false],
  ['gateway-error', 502, [], true],
  ['retriable-4xx', 409, [], true],
  ['retriable-4xx', 404, [], false],
  ['429', 429, [], true],
  ['retriable-status-codes', 503, [], false],
  ['5xx', 503, ['x-envoy-ratelimited', 'true'], false],
  ['5xx,envoy-ratelimited', 429, ['x-envoy-ratelimited', 'true'], true],
  ['unavailable', 200, ['grpc-status', '14'], true],
  ['unavailable', 200, ['grpc-status', '13'], false],
  ['internal,deadline-exceeded', 200, ['grpc-status', '4'], true]
])('with retryOn %s an answer %i with %j is tried again: %s', ([retryOn, status, fields, again]) => {
  expect(retriesAnswer(compileRetries({ attempts: 1, retryOn }), status, fields)).toBe(again)
})

test.for([
  ['connect-failure', 'connect', true],
  ['connect-failure', 'reset', false],
  ['refused-stream', 'refused', true],
  ['refused-stream', 'remote', false],
  ['reset', 'remote', true],
  ['5xx', 'protocol', true],
  ['gateway-error', 'timeout', true],
  ['unavailable', 'connect', false]
] as const)('with retryOn %s a failure of kind %s is tried again: %s', ([retryOn, failure, again]) => {
  expect(retriesFailure(compileRetries({ attempts: 1, retryOn }).conditions, failure)).toBe(again)
})

test('the time of a try counts where it is shorter than the route\'s', () => {
  expect(compileRetries({ attempts: 1, perTryTimeout: '1s' }, 2000).perTryTimeout).toBe(1000)
  expect(compileRetries({ attempts: 1, perTryTimeout: '1s' }, 1000).perTryTimeout).toBeUndefined()
  expect(compileRetries({ attempts: 1, perTryTimeout: '1s' }).perTryTimeout).toBe(1000)
})

test('back-off grows from the base to ten times the base', () => {
  expect([1, 2, 3, 4, 9].map((retry) => backOff(retry, 25, () => 1))).toEqual([25, 75, 175, 250, 250])
})
