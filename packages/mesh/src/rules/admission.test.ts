import { describe, expect, it } from 'vitest'
import type { Resource } from '../model.ts'
import { admit, withoutUnknownFields } from './admission.ts'

const rule = (kind: string, spec: unknown, apiVersion = 'networking.istio.io/v1'): Resource => ({ apiVersion, kind, metadata: { name: 'w', namespace: 'default' }, spec })
const route = [{ destination: { host: 'reviews' } }]
const refusal = (resource: Resource) => {
  const admission = admit(resource)
  return admission.allowed ? undefined : { code: admission.code, reason: admission.reason, message: admission.message }
}

describe('admit', () => {
  it('lets a rule pass that the mesh carries out whole, in every version', () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      expect(admit(rule('VirtualService', { hosts: ['reviews'], http: [{ match: [{ headers: { a: { exact: 'b' } } }], timeout: '3s', route }] }, `networking.istio.io/${version}`))).toEqual({ allowed: true, warnings: [] })
    }
    expect(admit(rule('Sidecar', { egress: [{ hosts: ['./*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }))).toEqual({ allowed: true, warnings: [] })
    expect(admit(rule('Gateway', { selector: { istio: 'ingressgateway' }, servers: [{ port: { number: 80, name: 'http', protocol: 'http' }, hosts: ['*'], tls: { httpsRedirect: true } }] }))).toEqual({ allowed: true, warnings: [] })
  })

  it('refuses unknown fields first, as the API server does', () => {
    expect(refusal(rule('VirtualService', { hosts: [5], http: [{ rout: [] }] }))).toEqual({
      code: 400,
      reason: 'BadRequest',
      message: 'VirtualService in version "v1" cannot be handled as a VirtualService: strict decoding error: unknown field "spec.http[0].rout"'
    })
  })

  it('lets unknown fields pass with a warning, or without, when the write asks for it', () => {
    const resource = rule('VirtualService', { hosts: ['w'], http: [{ rout: [], route }], htpp: 1 })
    expect(admit(resource, { fieldValidation: 'Warn' })).toEqual({ allowed: true, warnings: ['unknown field "spec.htpp"', 'unknown field "spec.http[0].rout"'] })
    expect(admit(resource, { fieldValidation: 'Ignore' })).toEqual({ allowed: true, warnings: [] })
    expect(withoutUnknownFields(resource).spec).toEqual({ hosts: ['w'], http: [{ route }] })
  })

  it('refuses wrong values next, all in one message', () => {
    expect(refusal(rule('VirtualService', { hosts: ['w'], http: [{ timeout: '0s', route }, { match: [{ port: -1 }], route }] }))).toEqual({
      code: 422,
      reason: 'Invalid',
      message: 'VirtualService.networking.istio.io "w" is invalid: [spec.http[1].match[0].port: Invalid value: -1: spec.http[1].match[0].port in body should be greater than or equal to 0, ' +
        'spec.http[0].timeout: Invalid value: "0s": must be a valid duration greater than 1ms]'
    })
  })

  it('refuses next what Istio\'s webhook refuses', () => {
    expect(refusal(rule('VirtualService', { hosts: ['w'], http: [{ route: [{ ...route[0], weight: -1 }], fault: { delay: { fixedDelay: '1s' } } }] }))).toEqual({
      code: 400,
      reason: '',
      message: 'admission webhook "validation.istio.io" denied the request: configuration is invalid: weight -1 < 0'
    })
  })

  it('refuses last, by name, every field and value that a cluster obeys and the mesh does not', () => {
    const admission = admit(rule('DestinationRule', {
      host: 'a',
      trafficPolicy: { loadBalancer: { simple: 'PASSTHROUGH' }, connectionPool: { tcp: { tcpKeepalive: { time: '1s', probes: 2 } } }, proxyProtocol: {} },
      subsets: [{ name: 'v1', trafficPolicy: { tunnel: { targetHost: 'a.b', targetPort: 80 } } }]
    }))
    expect(admission.allowed ? [] : admission.unsupported.map(({ path }) => path)).toEqual(['spec.trafficPolicy.connectionPool.tcp.tcpKeepalive.probes', 'spec.trafficPolicy.proxyProtocol', 'spec.subsets[0].trafficPolicy.tunnel'])
    expect(refusal(rule('Gateway', { servers: [{ port: { number: 27017, name: 'mongo', protocol: 'MONGO' }, hosts: ['*'] }] }))?.message).toBe(
      'admission webhook "laptop.bankinfo" denied the request: spec.servers[0].port.protocol: MONGO runs on a cluster, not on the laptop yet, which carries out HTTP, HTTP2, GRPC, GRPC-WEB; use one of these, or apply the rule to a cluster')
    expect(refusal(rule('EnvoyFilter', {}, 'networking.istio.io/v1alpha3'))?.message).toContain('kind: EnvoyFilter runs on a cluster, not on the laptop yet')
  })

  it('hands on Istio\'s warnings', () => {
    expect(admit(rule('VirtualService', { hosts: ['w'], http: [{ route }, { route }] }))).toEqual({ allowed: true, warnings: ['virtualService rule #1 not used (only the last rule can have no matches)'] })
  })

  it('has no say in objects of other kinds', () => {
    expect(admit({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { anything: 1 } })).toEqual({ allowed: true, warnings: [] })
  })
})
