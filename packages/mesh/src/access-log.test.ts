import { expect, test } from 'vitest'
import { formatAccessLog, type AccessRecord } from './access-log.ts'

const record: AccessRecord = {
  proxy: 'default/a', direction: 'outbound', startTime: Date.UTC(2026, 0, 2, 3, 4, 5, 6), method: 'GET', path: '/x', protocol: 'HTTP/1.1', responseCode: 503, responseFlags: 'URX,UF', responseCodeDetails: 'details', bytesReceived: 1, bytesSent: 2, duration: 3, authority: 'reviews', attempts: 3
}

test('the line has Istio\'s fields in Istio\'s order, and - for what is absent', () => {
  expect(formatAccessLog(record)).toBe('[2026-01-02T03:04:05.006Z] "GET /x HTTP/1.1" 503 URX,UF details - "-" 1 2 3 - "-" "-" "-" "reviews" "-" - - - - - -')
})

test('a TCP connection has no method, path and protocol', () => {
  const { method, path, protocol, ...rest } = record
  expect([method, path, protocol]).toHaveLength(3)
  expect(formatAccessLog({ ...rest, responseCode: 0, responseFlags: 'UH', responseCodeDetails: undefined })).toContain('"- - -" 0 UH - - ')
})

test('what a client sends can neither end the line nor leave its quotes', () => {
  const line = formatAccessLog({ ...record, userAgent: 'a" 200\r\n[forged]' })
  expect(line.split('\n')).toHaveLength(1)
  expect(line).toContain('"a\\x22 200\\x0d\\x0a[forged]"')
})
