import type { StoredObject } from '../../store/store.ts'
import { ageOf } from '../duration.ts'
import { arrayOf, fieldOf, recordOf, textOf } from '../json.ts'
import { columns, labelCell, selectorCell, shortList } from './columns.ts'
import type { TableFormat } from './table.ts'

/** `kubectl get` for Services and what stands behind them. */
export const networkTables: Readonly<Record<string, TableFormat>> = {
  Service: {
    columns: columns('Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', '+Selector'),
    row: (service) => {
      const spec = recordOf(service.spec)
      return [
        service.metadata.name,
        textOf(spec.type),
        textOf(spec.clusterIP) || '<none>',
        externalAddress(service),
        arrayOf(spec.ports).map(portCell).join(',') || '<none>',
        ageOf(service.metadata.creationTimestamp),
        labelCell(spec.selector)
      ]
    }
  },
  Endpoints: {
    columns: columns('Name', 'Endpoints', 'Age'),
    row: (endpoints) => [
      endpoints.metadata.name,
      shortList(arrayOf(endpoints.subsets).flatMap(subsetAddresses), 3),
      ageOf(endpoints.metadata.creationTimestamp)
    ]
  },
  'EndpointSlice.discovery.k8s.io': {
    columns: columns('Name', 'AddressType', 'Ports', 'Endpoints', 'Age'),
    row: (slice) => [
      slice.metadata.name,
      textOf(slice.addressType),
      listOrUnset(arrayOf(slice.ports).map((port) => textOf(recordOf(port).port) || textOf(recordOf(port).name) || '*')),
      listOrUnset(arrayOf(slice.endpoints).flatMap((endpoint) => arrayOf(recordOf(endpoint).addresses).map(textOf))),
      ageOf(slice.metadata.creationTimestamp)
    ]
  },
  'NetworkPolicy.networking.k8s.io': {
    columns: columns('Name', 'Pod-Selector', 'Age'),
    row: (policy) => [
      policy.metadata.name,
      selectorCell(fieldOf(policy, 'spec', 'podSelector')),
      ageOf(policy.metadata.creationTimestamp)
    ]
  }
}

function portCell (port: unknown): string {
  const { port: number, nodePort, protocol } = recordOf(port)
  const node = nodePort === undefined ? '' : `:${textOf(nodePort)}`
  return `${textOf(number)}${node}/${textOf(protocol) || 'TCP'}`
}

function externalAddress (service: StoredObject): string {
  const spec = recordOf(service.spec)
  const own = arrayOf(spec.externalIPs).map(textOf)
  switch (spec.type) {
    case 'ExternalName': return textOf(spec.externalName)
    case 'LoadBalancer': {
      const given = arrayOf(fieldOf(service, 'status', 'loadBalancer', 'ingress')).map(recordOf).map(({ ip, hostname }) => textOf(ip) || textOf(hostname))
      return [...given, ...own].join(',') || '<pending>'
    }
    default: return own.join(',') || '<none>'
  }
}

function subsetAddresses (subset: unknown): readonly string[] {
  const { addresses, ports } = recordOf(subset)
  const hosts = arrayOf(addresses).map((address) => textOf(recordOf(address).ip))
  const numbers = arrayOf(ports).map((port) => textOf(recordOf(port).port))
  return numbers.length === 0 ? hosts : numbers.flatMap((number) => hosts.map((host) => `${host}:${number}`))
}

function listOrUnset (items: readonly string[]): string {
  return items.length === 0 ? '<unset>' : shortList(items, 3)
}
