import { expect, test } from 'vitest'
import { asGrpc, countedStatus, grpcStatusCode, grpcStatusIn, isGrpc } from './grpc-status.ts'

test.for<readonly [type: string, expected: boolean]>([
  ['application/grpc', true], ['application/grpc+proto', true], ['application/grpc;charset=x', true], ['application/grpc-web', false], ['application/json', false]
])('%s is a gRPC call: %s', ([type, expected]) => {
  expect(isGrpc(['host', 'a', 'content-type', type])).toBe(expected)
})

test.for<readonly [status: number, expected: string]>([[404, '12'], [503, '14'], [504, '14'], [418, '2'], [200, '0'], [403, '7']])('%i is grpc-status %s', ([status, expected]) => {
  expect(asGrpc({ status, flags: '-', details: '', body: '' }).headers).toEqual(['content-type', 'application/grpc', 'grpc-status', expected])
})

test('a status of its own counts, and the message is percent-encoded', () => {
  expect(asGrpc({ status: 504, flags: 'UT', details: '', body: '100 % \u00fc', grpcStatus: grpcStatusCode('DEADLINE_EXCEEDED') })).toMatchObject({
    status: 200, body: '', headers: ['content-type', 'application/grpc', 'grpc-status', '4', 'grpc-message', '100 %25 %C3%BC']
  })
})

test.for<readonly [name: string, status: number]>([
  ['OK', 200], ['CANCELLED', 499], ['UNKNOWN', 500], ['INVALID_ARGUMENT', 400], ['DEADLINE_EXCEEDED', 504], ['NOT_FOUND', 404], ['ALREADY_EXISTS', 409], ['PERMISSION_DENIED', 403],
  ['RESOURCE_EXHAUSTED', 429], ['FAILED_PRECONDITION', 400], ['ABORTED', 409], ['OUT_OF_RANGE', 400], ['UNIMPLEMENTED', 501], ['INTERNAL', 500], ['UNAVAILABLE', 503], ['DATA_LOSS', 500],
  ['UNAUTHENTICATED', 401]
])('%s in the head of an answer counts as %i', ([name, status]) => {
  expect(countedStatus(200, grpcStatusCode(name))).toBe(status)
})

test.for<readonly [value: string | undefined, own: number, counted: number]>([
  [undefined, 200, 200], [undefined, 503, 503], ['', 200, 200], ['0', 503, 200], ['014', 200, 503], ['17', 200, 500], ['-1', 200, 500], ['14abc', 200, 500], ['abc', 200, 500]
])('with grpc-status %j in the head an answer %i counts as %i, as with Envoy 1.40', ([value, own, counted]) => {
  expect(countedStatus(own, grpcStatusIn(value === undefined ? [] : ['grpc-status', value]))).toBe(counted)
})
