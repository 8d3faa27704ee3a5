import { ageOf } from '../duration.ts'
import { fieldOf, textOf } from '../json.ts'
import { columns } from './columns.ts'
import type { TableFormat } from './table.ts'

/** `kubectl get` for Istio's kinds that show more than name and age: the printer columns of Istio's CustomResourceDefinitions. */
export const ruleTables: Readonly<Record<string, TableFormat>> = {
  'VirtualService.networking.istio.io': ruleTable({ Gateways: ['spec', 'gateways'], Hosts: ['spec', 'hosts'] }),
  'DestinationRule.networking.istio.io': ruleTable({ Host: ['spec', 'host'] }),
  'ServiceEntry.networking.istio.io': ruleTable({ Hosts: ['spec', 'hosts'], Location: ['spec', 'location'], Resolution: ['spec', 'resolution'] }),
  'WorkloadEntry.networking.istio.io': ruleTable({ Age: ['metadata', 'creationTimestamp'], Address: ['spec', 'address'] }),
  'AuthorizationPolicy.security.istio.io': ruleTable({ Action: ['spec', 'action'] }),
  'PeerAuthentication.security.istio.io': ruleTable({ Mode: ['spec', 'mtls', 'mode'] })
}

/** Columns by JSON path: a list is printed as JSON, a field that is absent as nothing. The age comes last unless it is named. */
function ruleTable (paths: Readonly<Record<string, readonly string[]>>): TableFormat {
  const named = { ...paths, ...(paths.Age === undefined && { Age: ['metadata', 'creationTimestamp'] }) }
  return {
    columns: columns('Name', ...Object.keys(named)),
    row: (object) => [object.metadata.name, ...Object.entries(named).map(([title, path]) => {
      const value = fieldOf(object, ...path)
      if (title === 'Age') return ageOf(value)
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : textOf(value)
    })]
  }
}
