import { ageOf } from '../duration.ts'
import { arrayOf, fieldOf, recordOf, textOf } from '../json.ts'
import { columns } from './columns.ts'
import type { TableFormat } from './table.ts'

/** `kubectl get` for the cluster's own furniture. */
export const clusterTables: Readonly<Record<string, TableFormat>> = {
  Namespace: {
    columns: columns('Name', 'Status', 'Age'),
    row: (namespace) => [namespace.metadata.name, textOf(fieldOf(namespace, 'status', 'phase')), ageOf(namespace.metadata.creationTimestamp)]
  },
  Node: {
    columns: columns('Name', 'Status', 'Roles', 'Age', 'Version', '+Internal-IP', '+External-IP', '+OS-Image', '+Kernel-Version', '+Container-Runtime'),
    row: (node) => {
      const info = recordOf(fieldOf(node, 'status', 'nodeInfo'))
      const ready = arrayOf(fieldOf(node, 'status', 'conditions')).map(recordOf).find(({ type }) => type === 'Ready')
      const roles = Object.keys(node.metadata.labels ?? {}).map((label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1]).filter((role) => role !== undefined)
      const address = (type: string): string =>
        textOf(arrayOf(fieldOf(node, 'status', 'addresses')).map(recordOf).find((one) => one.type === type)?.address) || '<none>'
      return [
        node.metadata.name,
        ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady',
        roles.sort().join(',') || '<none>',
        ageOf(node.metadata.creationTimestamp),
        textOf(info.kubeletVersion),
        address('InternalIP'),
        address('ExternalIP'),
        textOf(info.osImage) || '<unknown>',
        textOf(info.kernelVersion) || '<unknown>',
        textOf(info.containerRuntimeVersion) || '<unknown>'
      ]
    }
  },
  Secret: {
    columns: columns('Name', 'Type', 'Data', 'Age'),
    row: (secret) => [secret.metadata.name, textOf(secret.type), String(Object.keys(recordOf(secret.data)).length), ageOf(secret.metadata.creationTimestamp)]
  },
  ConfigMap: {
    columns: columns('Name', 'Data', 'Age'),
    row: (map) => [
      map.metadata.name,
      String(Object.keys(recordOf(map.data)).length + Object.keys(recordOf(map.binaryData)).length),
      ageOf(map.metadata.creationTimestamp)
    ]
  },
  Event: {
    columns: [
      ...columns('Last Seen', 'Type', 'Reason', 'Object', '+Subobject', '+Source', 'Message', '+First Seen', '+Count')
        .map(({ name, type, priority }) => ({ name, type, ...(priority !== undefined && { priority }) })),
      { name: 'Name', type: 'string', format: 'name', priority: 1 }
    ],
    row: (event) => {
      const about = recordOf(event.involvedObject)
      const first = textOf(event.firstTimestamp) || textOf(event.eventTime)
      const source = recordOf(event.source)
      return [
        ageOf(textOf(event.lastTimestamp) || first),
        textOf(event.type),
        textOf(event.reason),
        `${textOf(about.kind).toLowerCase()}/${textOf(about.name)}`,
        textOf(about.fieldPath),
        [textOf(source.component) || textOf(event.reportingComponent), textOf(source.host)].filter((part) => part !== '').join(', '),
        textOf(event.message).trim(),
        ageOf(first),
        textOf(event.count) || '1',
        event.metadata.name
      ]
    }
  },
  'CustomResourceDefinition.apiextensions.k8s.io': {
    columns: columns('Name', 'Created At'),
    row: ({ metadata }) => [metadata.name, metadata.creationTimestamp]
  }
}
