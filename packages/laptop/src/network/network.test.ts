import { describe, expect, it } from 'vitest'
import type { StoredNamespace, StoredPod, StoredService } from '../controllers/kinds.ts'
import { injectSidecar } from '../pods/injection.ts'
import { allocateAddress } from './addresses.ts'
import { isOwn, resolveExternal } from './external.ts'
import { gatewayAddresses, gatewayPort } from './gateway-ports.ts'
import { meshState } from './mesh-state.ts'
import { selectProtocol } from './protocol.ts'

describe('the protocol of a Service port', () => {
  it.each([
    [{ name: 'http' }, 'HTTP'],
    [{ name: 'http-web' }, 'HTTP'],
    [{ name: 'http2-web' }, 'HTTP2'],
    [{ name: 'grpc-web-x' }, 'GRPC-Web'],
    [{ name: 'grpc' }, 'GRPC'],
    [{ name: 'https' }, 'HTTPS'],
    [{ name: 'tls-x' }, 'TLS'],
    [{ name: 'tcp-echo' }, 'TCP'],
    [{ name: 'web' }, 'HTTP'],
    [{}, 'HTTP'],
    [{ name: 'http', appProtocol: 'tcp' }, 'TCP'],
    [{ name: 'x', appProtocol: 'kubernetes.io/h2c' }, 'HTTP2'],
    [{ name: 'http', protocol: 'UDP' }, 'UDP']
  ])('%o is %s', (port, protocol) => {
    expect(selectProtocol(port)).toBe(protocol)
  })
})

describe('addresses', () => {
  it('are counted up, so that a deleted one is not given away at once', () => {
    expect(allocateAddress('10.44', [])).toBe('10.44.0.2')
    expect(allocateAddress('10.44', ['10.44.0.2', '10.44.0.255'])).toBe('10.44.1.0')
  })

  it('begin anew at the end of the network', () => {
    expect(allocateAddress('10.44', ['10.44.255.253'])).toBe('10.44.0.2')
  })
})

describe('a host outside the cluster', () => {
  it.each(['127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'])('is never this machine\'s own %s', (address) => {
    expect(isOwn(address)).toBe(true)
  })

  it('is not reached by a name for loopback, and is by any other address', async () => {
    expect(await resolveExternal({ host: 'localhost', port: 80 })).toBeUndefined()
    expect(await resolveExternal({ host: '192.0.2.7', port: 80 })).toEqual({ host: '192.0.2.7', port: 80 })
    expect(await resolveExternal({ host: 'no-such-name.invalid', port: 80 })).toBeUndefined()
  })
})

describe('a port of the gateway', () => {
  it('below 1024 is found at 8000 more, the well-known ones also at their own number', () => {
    expect(gatewayAddresses(80)).toEqual([{ host: '127.0.0.1', port: 8080 }, { host: '127.0.0.1', port: 80 }])
    expect(gatewayPort(443)).toBe(8443)
    expect(gatewayAddresses(31400)).toEqual([{ host: '127.0.0.1', port: 31400 }])
  })

  it('is where the user wants it, and only there', () => {
    expect(gatewayAddresses(80, new Map([[80, 9000]]))).toEqual([{ host: '127.0.0.1', port: 9000 }])
  })
})

describe('what the mesh is told', () => {
  const base = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...base, name: 'web-1', namespace: 'shop', labels: { app: 'web' } },
    spec: { serviceAccountName: 'seller', containers: [{ name: 'web', ports: [{ containerPort: 80, name: 'http' }, { containerPort: 81 }] }] },
    status: { phase: 'Running', podIP: '10.44.0.9', conditions: [{ type: 'Ready', status: 'True' }] }
  } as StoredPod
  const view = (pods: readonly StoredPod[]) => meshState({
    namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { ...base, name: 'shop', labels: { a: 'b' } } } as unknown as StoredNamespace],
    services: [{
      apiVersion: 'v1', kind: 'Service', metadata: { ...base, name: 'web', namespace: 'shop' }, spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 8000, name: 'tcp', targetPort: 'http' }] }
    } as StoredService],
    pods,
    rules: [],
    portsOf: () => new Map([[80, { host: '127.0.0.1', port: 50_001 }]])
  })

  it('is each pod with its real addresses, ready only while it is not ending', () => {
    const state = view([pod, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }])
    expect(state.workloads[0]).toEqual({
      id: 'shop/web-1', name: 'web-1', namespace: 'shop', kind: 'plain', labels: { app: 'web' }, annotations: {}, serviceAccount: 'seller', ip: '10.44.0.9', ready: true, ports: [{ containerPort: 80, name: 'http', address: { host: '127.0.0.1', port: 50_001 } }, { containerPort: 81 }]
    })
    expect(state.workloads[1]?.ready).toBe(false)
    expect(state.services).toEqual([{ name: 'web', namespace: 'shop', labels: {}, annotations: {}, selector: { app: 'web' }, ports: [{ number: 8000, name: 'tcp', protocol: 'TCP', targetPort: 'http' }] }])
  })

  it('says which pods have a sidecar, and leaves out those that have ended', () => {
    const state = view([injectSidecar(pod), { ...pod, status: { ...pod.status, phase: 'Succeeded' } }])
    expect(state.workloads.map(({ kind }) => kind)).toEqual(['sidecar'])
  })
})
