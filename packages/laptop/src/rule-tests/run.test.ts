import { formatProblem } from '@bankinfo/mesh/rules'
import { describe, expect, it } from 'vitest'
import { runTestFile } from './run.ts'

const world = `
services:
  - {name: reviews, port: 9080, versions: [v1, v2, v3]}
  - {name: shop, namespace: other}
  - {name: bare, sidecar: false}
resources:
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: reviews}
    spec:
      host: reviews
      trafficPolicy: {loadBalancer: {simple: RANDOM}}
      subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v9, labels: {version: v9}}]
  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: door}
    spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: outside}
    spec: {hosts: ["bank.example.com"], gateways: [door], http: [{match: [{uri: {prefix: /in}}], route: [{destination: {host: reviews, port: {number: 9080}}}]}]}
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: reviews}
    spec:
      hosts: [reviews]
      http:
        - {name: gone, match: [{uri: {exact: /gone}}], route: [{destination: {host: reviews, subset: v7}}]}
        - {match: [{uri: {exact: /empty}}], route: [{destination: {host: reviews, subset: v9}}]}
        - {match: [{uri: {exact: /moved}}], redirect: {uri: /there, redirectCode: 302}}
        - {match: [{uri: {exact: /tea}}], directResponse: {status: 418, body: {string: teapot}}}
        - match: [{uri: {prefix: /a/}}]
          rewrite: {uri: /b/, authority: books}
          headers: {request: {set: {x-new: "1"}, remove: [x-old]}, response: {add: {x-seen: yes sir}, remove: [x-server]}}
          fault: {delay: {fixedDelay: 7s, percentage: {value: 10}}, abort: {httpStatus: 500, percentage: {value: 40}}}
          timeout: 5s
          retries: {attempts: 3, perTryTimeout: 2s, retryOn: "5xx,409"}
          mirror: {host: reviews, subset: v2}
          mirrorPercentage: {value: 5}
          route: [{destination: {host: reviews, subset: v1}}]
        - {match: [{uri: {prefix: /split}}], route: [{destination: {host: reviews, subset: v1}, weight: 1}, {destination: {host: reviews, subset: v2}, weight: 2}]}
        - {match: [{sourceLabels: {app: canary}, uri: {prefix: /who}}], route: [{destination: {host: reviews, subset: v2}}]}
        - {match: [{uri: {prefix: /who}}], retries: {attempts: 0}, route: [{destination: {host: reviews, subset: v1}}]}
`

/** @returns the failures of one test, each as path below expect, what was expected and what is there; of a bad file its problems */
async function run (request: string, expectation: string, more = ''): Promise<readonly string[]> {
  const { tests, problems } = await runTestFile('a.test.yaml', `${world}${more}tests:\n  - name: it\n    request: ${request}\n    expect: ${expectation}\n`)
  return [...problems.map(formatProblem), ...tests.flatMap(({ failures }) => failures.map(({ path, expected, actual }) => `${path.slice('expect.'.length)}: ${expected}, not ${actual}`))]
}

const at = (path: string): string => `{host: 'reviews:9080', path: ${path}}`
const rewritten = at('/a/1')

describe('holds, and says what is there when it does not', () => {
  it.each([
    [at('/gone'), '{rule: reviews, route: gone}', '{rule: other, route: 1}', ['rule: other, not default/reviews', 'route: http[1], not http[0] (gone)']],
    [at('/gone'), '{status: 503, flags: NC, attempts: 0}', '{status: 200, flags: UH}', ['status: 200, not 503', 'flags: UH, not NC']],
    [at('/empty'), '{status: 503, flags: UH, pods: [], body: no healthy upstream}', '{pods: [reviews-v1], body: x}', ['pods: reviews-v1, not none', 'body: "x", not "no healthy upstream"']],
    [at('/moved'), '{status: 302, location: "http://reviews:9080/there"}', '{location: /there, destination: {host: reviews}}', ['location: /there, not http://reviews:9080/there', 'destination: reviews, not the proxy itself answers 302']],
    [at('/tea'), '{status: 418, body: teapot, route: 3}', '{status: {418: 50, 200: 50}, path: /tea}', ['status: 200 50 %, 418 50 %, not 418', 'path: /tea, not the proxy itself answers 418']],
    [at('/nowhere'), '{status: 404, flags: NR, rule: reviews}', '{route: 0, egress: allowed}', ['route: http[0], not no route', 'egress: allowed, not neither: the proxy itself answers 404 (NR)']],
    [rewritten, '{destination: {host: reviews, subset: v1, port: 9080}, path: /b/1, authority: books}', '{destination: {host: shop.other.svc.cluster.local, subset: null, port: 80}, path: /, authority: x}',
      ['destination.host: shop.other.svc.cluster.local, not reviews.default.svc.cluster.local', 'destination.subset: none, not v1', 'destination.port: 80, not 9080', 'path: /, not /b/1', 'authority: x, not books']],
    [rewritten, '{delay: {duration: 7s, percentage: 10}, abort: {status: 500, percentage: 40}, status: {500: 40, 200: 60}}', '{delay: null, abort: {status: 503, percentage: 100}}',
      ['delay: none, not 7s for 10 %', 'abort.status: 503, not 500', 'abort.percentage: 100 %, not 40 %']],
    [rewritten, '{timeout: 5000ms, retries: {attempts: 3, perTryTimeout: 2s, retryOn: "409,5xx"}}', '{timeout: 3s, retries: {attempts: 2, perTryTimeout: 1s, retryOn: reset}}',
      ['timeout: 3s, not 5s', 'retries.attempts: 2, not 3', 'retries.perTryTimeout: 1s, not 2s', 'retries.retryOn: reset, not 409,5xx']],
    [rewritten, '{mirror: {host: reviews, subset: v2, percentage: 5}, loadBalancer: RANDOM}', '{mirror: null, loadBalancer: ROUND_ROBIN}', ['mirror: none, not reviews:9080/v2 5 %', 'loadBalancer: ROUND_ROBIN, not RANDOM']],
    [at('/split'), '{shares: {v1: 33.33, v2: 66.67}, pods: [reviews-v2, reviews-v1]}', '{shares: {reviews/v1: 100}, destination: {subset: v1}}',
      ['shares.reviews/v1: 100 %, not 33.3333 %', 'shares: nothing, not 66.6667 % to reviews:9080/v2', 'destination: one destination, not reviews:9080/v1 33.3333 %, reviews:9080/v2 66.6667 %; write "shares" to expect several']],
    [at('/who'), '{destination: {subset: v1}, retries: null, timeout: null, delay: null, abort: null, mirror: null}', '{retries: {attempts: 2}, timeout: 1s, delay: {duration: 1s}, abort: {status: 500}, mirror: {host: reviews}}',
      ['retries: attempts 2, not none', 'timeout: 1s, not none', 'delay: duration 1s, not none', 'abort: status 500, not none', 'mirror: reviews, not none']],
    ['{from: {labels: {app: canary}}, host: "reviews:9080", path: /who}', '{destination: {subset: v2}}', '{destination: {subset: v1}}', ['destination.subset: v1, not v2']],
    ['{from: {sidecar: false}, host: "reviews:9080", path: /gone}', '{rule: null, status: 200, pods: [reviews-v1, reviews-v2, reviews-v3]}', '{rule: reviews}', ['rule: reviews, not no rule']],
    ['{from: bare, host: "reviews:9080", path: /gone}', '{rule: null}', '{status: 503}', ['status: 503, not 200']],
    ['{from: outside, url: "http://bank.example.com/in"}', '{rule: outside, destination: {host: reviews}, status: 200}', '{rule: null}', ['rule: no rule, not default/outside']],
    ['{from: outside, url: "http://bank.example.com:81/in"}', '{status: null}', '{status: 200}', ['status: 200, not no answer: the connection ends']],
    ['{from: outside, url: "http://localhost/in"}', '{status: 404}', '{status: 200}', ['status: 200, not 404']],
    ['{host: shop.other}', '{destination: {host: shop.other.svc.cluster.local}, pods: [other/shop-v1], egress: allowed}', '{egress: blocked}', ['egress: blocked, not allowed']],
    ['{host: www.example.com}', '{egress: passthrough, status: 200}', '{destination: {host: x}}', ['destination: x, not the host that the caller named: the mesh does not know it']]
  ])('%s %s', async (request, right, wrong, failures) => {
    expect(await run(request, right)).toEqual([])
    expect(await run(request, wrong)).toEqual(failures)
  })

  it('to a hundredth of a per cent, of flags and statuses all of them', async () => {
    expect(await run(at('/split'), '{shares: {v1: 33.3, v2: 66.7}}')).toEqual(['shares.v1: 33.3 %, not 33.3333 %', 'shares.v2: 66.7 %, not 66.6667 %'])
    expect(await run(rewritten, '{flags: FI}')).toEqual(['flags: FI, not - 54 %, FI 36 %, DI 6 %, DI,FI 4 %'])
    expect(await run(rewritten, '{status: {500: 40}}')).toEqual(['status: 500, not 200 60 %, 500 40 %'])
  })

  it('headers, as the server and the caller get them', async () => {
    const request = '{host: "reviews:9080", path: /a/1, headers: {x-old: "1", x-kept: "2"}}\n    upstream: {status: 409, headers: {X-Server: a, other: b}}'
    expect(await run(request, '{attempts: 4, flags: "-", requestHeaders: {x-new: "1", x-old: null, X-Kept: {regex: "\\\\d"}}, responseHeaders: {x-server: null, x-seen: {prefix: "yes "}, other: {exact: b}}}'))
      .toEqual(['flags: -, not URX 54 %, FI 36 %, DI,URX 6 %, DI,FI 4 %'])
    expect(await run(request, '{requestHeaders: {x-new: null, x-old: "1", x-kept: {regex: "2+2"}}, responseHeaders: {other: {prefix: c}}}')).toEqual([
      'requestHeaders.x-new: absent, not 1', 'requestHeaders.x-old: 1, not absent', 'requestHeaders.x-kept: regex 2+2, not 2', 'responseHeaders.other: prefix c, not b'
    ])
  })
})

describe('the world', () => {
  it('closes egress where the mesh or a Sidecar does, and a ServiceEntry opens it', async () => {
    const entry = '  - {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: ext}, spec: {hosts: [www.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}}\n'
    expect(await run('{host: www.example.com}', '{egress: blocked, status: 502}', 'outboundTrafficPolicy: REGISTRY_ONLY\n')).toEqual([])
    expect(await run('{host: www.example.com}', '{egress: allowed, pods: ["www.example.com:80"]}', `${entry}outboundTrafficPolicy: REGISTRY_ONLY\n`)).toEqual([])
    expect(await run('{host: "www.example.com:5"}', '{egress: blocked, status: null, flags: UH}', `${entry}outboundTrafficPolicy: REGISTRY_ONLY\n`)).toEqual([])
  })

  it('injects sidecars where the namespace says so', async () => {
    const request = '{from: other/shop, host: "reviews.default:9080", path: /gone}'
    expect(await run(request, '{rule: null}')).toEqual([])
    expect(await run(request, '{rule: reviews}', 'injected: [default, other]\n')).toEqual([])
  })

  it('makes no server of a caller, whatever its labels', async () => {
    expect(await run('{from: {labels: {app: reviews, version: v1}}, host: "reviews:9080", path: /who}', '{pods: [reviews-v1]}')).toEqual([])
  })

  it('takes the older of two rules for a host, and the newer text of one', async () => {
    const rule = (name: string, subset: string): string => `  - {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: ${name}}, spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: ${subset}}}]}]}}\n`
    expect(await run(at('/'), '{status: 404}', rule('aaa', 'v2'))).toEqual([])
    expect(await run(at('/'), '{rule: reviews, destination: {subset: v2}}', rule('aaa', 'v1') + rule('reviews', 'v2'))).toEqual([])
  })
})

describe('a bad file', () => {
  it('names callers that there are', async () => {
    expect(await run('{from: nobody, host: a}', '{status: 200}')).toEqual([
      'a.test.yaml:46:15 tests[0].request.from: nobody is called "nobody"\n  Known are istio-system/istio-ingressgateway, reviews-v1, reviews-v2, reviews-v3, other/shop-v1, bare-v1, outside.'
    ])
  })

  it('names rules that a cluster would refuse, and files that are not there', async () => {
    expect((await run('{host: a}', '{status: 200}', '  - {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v}, spec: {hosts: [a], htpp: []}}\n'))[0]).toMatch(/^a\.test\.yaml:44:\d+ VirtualService v spec\.htpp: unknown field "spec\.htpp"\n {2}Did you mean "http"\?$/)
    expect((await run('{host: a}', '{status: 200}', '  - {kind: Service}\n'))[0]).toContain('apiVersion not set')
    expect(await run('{host: a}', '{status: 200}', 'files: [no-such.yaml]\n')).toEqual(['a.test.yaml:44:9: no such file or folder: no-such.yaml\n  Paths are looked up from ..'])
  })
})
