import type { StoredObject } from '../../store/store.ts'
import { ageOf } from '../duration.ts'
import type { Kind } from '../kinds.ts'
import { clusterTables } from './cluster.ts'
import { networkTables } from './network.ts'
import { podTable } from './pods.ts'
import { ruleTables } from './rules.ts'
import { workloadTables } from './workloads.ts'

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer'
  /** `name` marks the column that holds the object's name. */
  readonly format?: 'name'
  /** 1: shown with `-o wide` only. */
  readonly priority?: 1
}

export type Cell = string | number

/** How `kubectl get` shows a kind. */
export interface TableFormat {
  readonly columns: readonly Column[]
  readonly row: (object: StoredObject) => readonly Cell[]
}

const formats: Readonly<Record<string, TableFormat>> = {
  Pod: podTable,
  ...workloadTables,
  ...networkTables,
  ...clusterTables,
  ...ruleTables
}

const nameAndAge: TableFormat = {
  columns: [{ name: 'Name', type: 'string', format: 'name' }, { name: 'Age', type: 'string' }],
  row: ({ metadata }) => [metadata.name, ageOf(metadata.creationTimestamp)]
}

export function tableFormat (kind: Kind): TableFormat {
  return formats[kind.key] ?? nameAndAge
}
