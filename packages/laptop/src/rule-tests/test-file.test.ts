import { formatProblem } from '@bankinfo/mesh/rules'
import { expect, it } from 'vitest'
import { readTestFile } from './test-file.ts'

function problemsOf (text: string): readonly string[] {
  const reading = readTestFile('a.test.yaml', text)
  return 'problems' in reading ? reading.problems.map((problem) => formatProblem(problem).replace('a.test.yaml:', '').replace(/\n +/, ' | ')) : []
}

const test = (lines: string): string => `tests:\n  - name: a\n${lines.replaceAll(/^/gm, '    ')}\n`

it('takes a file that is right, in YAML or JSON', () => {
  expect(problemsOf(test('request: {url: http://a/}\nexpect: {status: 200}'))).toEqual([])
  expect(problemsOf('{"tests": [{"name": "a", "request": {"host": "a:80", "path": "/x"}, "expect": {"status": {"200": 90, "500": 10}, "mirror": null, "timeout": "0.5s"}}]}')).toEqual([])
})

it('names an unknown field, with its line and the one that was meant', () => {
  expect(problemsOf(test('request: {url: http://a/}\nexpects: {status: 200}'))).toEqual([
    '4:5 tests[0].expects: unknown field "expects" | Did you mean "expect"? Known here: name, files, request, upstream, expect.'
  ])
  expect(problemsOf(test('request: {url: http://a/}'))).toEqual(['2:5 tests[0]: "expect" is missing | Expected what must hold, at least one of: rule, route, destination, shares, pods, loadBalancer, status, flags, attempts, body, location, path, authority, requestHeaders, responseHeaders, delay, abort, timeout, retries, mirror, egress.'])
  expect(problemsOf(test('request: {url: http://a/}\nexpect:\n  destination:\n    subzet: v1'))).toEqual([
    '6:9 tests[0].expect.destination.subzet: unknown field "subzet" | Did you mean "subset"? Known here: host, subset, port.'
  ])
})

it('says what was expected in the place of a wrong value', () => {
  expect(problemsOf(test('request: {url: https://a/}\nexpect: {status: ok, timeout: 3, shares: {v1: 120}, egress: open, destination: {}, mirror: {share: 3}}'))).toEqual([
    '3:15 tests[0].request.url: the text "https://a/" came | Expected a URL that begins with http://, as the caller writes it: http://reviews:9080/reviews/1.',
    '4:14 tests[0].expect.status: the text "ok" came | Expected the status that the caller gets, each status with its share in per cent ({200: 90, 500: 10}), or null where the connection ends without an answer.',
    '4:26 tests[0].expect.timeout: the number 3 came | Expected a duration such as 3s or 0.5s, or null for none.',
    '4:47 tests[0].expect.shares.v1: the number 120 came | Expected a share in per cent, such as 50.',
    '4:57 tests[0].expect.egress: the text "open" came | Expected allowed (a Service or ServiceEntry has the host, or unknown hosts are let out), passthrough (an unknown host is let out) or blocked.',
    '4:71 tests[0].expect.destination: a mapping came | Expected host, subset and port of the destination: at least one of them.',
    '4:88 tests[0].expect.mirror: a mapping came | Expected host, subset, port and percentage of the mirror, a list of such, or null for none.'
  ])
})

it('refuses what contradicts itself, and regular expressions that are none', () => {
  expect(problemsOf(`${test('request: {url: http://a/, host: b}\nexpect: {status: 200}')}  - name: a\n    request: {}\n    expect: {requestHeaders: {x: {regex: "("}}}\nservices: [{name: s, port: 1, ports: [{number: 2, name: http}]}]\n`)).toEqual([
    '3:31 tests[0].request.host: "url" came, too | Expected url, or host and path. A Host other than the URL\'s goes into headers.',
    '5:5 tests[1].name: tests[0] is called so, too | Expected a name that no other test of the file has.',
    '6:5 tests[1].request: "url" is missing | Expected url, or host and path.',
    '7:31 tests[1].expect.requestHeaders.x: "(": error parsing regexp: missing closing ): `(`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax) | Expected an expression of RE2.',
    '8:31 services[0].ports: "port" and "ports" came | Expected one of them.'
  ])
})

it('wants one document that is a mapping', () => {
  expect(problemsOf('')).toEqual(['1:1: one document is expected, 0 came | Write "tests:" and the tests below it.'])
  expect(problemsOf('tests: []\n---\ntests: []\n')).toEqual(['3:1: one document is expected, 2 came | Put the tests of both below one "tests:".'])
  expect(problemsOf('- a')).toEqual(['1:1: a list came | Expected a mapping with tests, and files, resources or services for the world that they run in.'])
  expect(problemsOf('tests: []')).toEqual(['1:1 tests: a list came | Expected the tests, a list of {name, request, expect}.'])
  expect(problemsOf('tests: [')[0]).toMatch(/^1:9: did not find expected key/)
})
