import { expect, test } from 'vitest'
import { asGrpc, grpcStatusCode, isGrpc } from './grpc-status.ts'

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
