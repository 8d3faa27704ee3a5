import { describe, expect, it } from 'vitest'
import type { StoredObject } from '../store/store.ts'
import { AddressError, assignAddresses } from './service-addresses.ts'

function service (name: string, spec: object): StoredObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' }, spec }
}

describe('assignAddresses', () => {
  it('gives the same name the same address in every cluster, and two Services never the same', () => {
    const others: StoredObject[] = []
    for (let number = 0; number < 300; number += 1) {
      const { spec } = assignAddresses(service(`s${number}`, {}), others) as unknown as StoredObject
      others.push(service(`s${number}`, spec as object))
    }
    const addresses = others.map(({ spec }) => (spec as { clusterIP: string }).clusterIP)
    expect(new Set(addresses).size).toBe(300)
    expect(addresses.every((address) => /^10\.96\.\d{1,3}\.\d{1,3}$/.test(address))).toBe(true)
    expect(assignAddresses(service('s0', {}), [])).toMatchObject({ spec: { clusterIP: addresses[0], clusterIPs: [addresses[0]] } })
  })

  it('keeps what a Service has, and its node ports', () => {
    const before = service('lb', { type: 'LoadBalancer', clusterIP: '10.96.1.2', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }] })
    const after = assignAddresses(service('lb', { type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP' }, { port: 443, protocol: 'TCP' }] }), [before], before)
    expect(after).toMatchObject({ spec: { clusterIP: '10.96.1.2', ports: [{ nodePort: 30080 }, { nodePort: expect.any(Number) }] } })
  })

  it('refuses an address or node port that is taken or out of range', () => {
    const taken = service('a', { clusterIP: '10.96.1.2', ports: [{ port: 80, nodePort: 30080 }] })
    for (const spec of [{ clusterIP: '10.96.1.2' }, { clusterIP: '10.97.1.2' }, { type: 'NodePort', ports: [{ port: 1 }, { port: 80, nodePort: 30080 }] }]) {
      expect(() => assignAddresses(service('b', spec), [taken])).toThrow(AddressError)
    }
  })

  it('gives headless and external Services none', () => {
    expect(assignAddresses(service('h', { clusterIP: 'None' }), [])).toMatchObject({ spec: { clusterIP: 'None' } })
    expect(assignAddresses(service('e', { type: 'ExternalName', externalName: 'a.example' }), [])).toMatchObject({ spec: { externalName: 'a.example' } })
  })
})
