import type { StoredObject } from '../../store/store.ts'
import { ageOf } from '../duration.ts'
import { arrayOf, fieldOf, recordOf, textOf } from '../json.ts'
import { columns, labelCell, shortList } from './columns.ts'
import type { Cell, TableFormat } from './table.ts'

/** `kubectl get` for what makes pods and what watches over their number. */
export const workloadTables: Readonly<Record<string, TableFormat>> = {
  'Deployment.apps': {
    columns: columns('Name', 'Ready', 'Up-to-date', 'Available', 'Age', '+Containers', '+Images', '+Selector'),
    row: (deployment) => [
      deployment.metadata.name,
      `${count(deployment, 'status', 'readyReplicas')}/${count(deployment, 'spec', 'replicas')}`,
      String(count(deployment, 'status', 'updatedReplicas')),
      String(count(deployment, 'status', 'availableReplicas')),
      ageOf(deployment.metadata.creationTimestamp),
      ...templateCells(deployment)
    ]
  },
  'ReplicaSet.apps': {
    columns: columns('Name', '*Desired', '*Current', '*Ready', 'Age', '+Containers', '+Images', '+Selector'),
    row: (set) => [
      set.metadata.name,
      count(set, 'spec', 'replicas'),
      count(set, 'status', 'replicas'),
      count(set, 'status', 'readyReplicas'),
      ageOf(set.metadata.creationTimestamp),
      ...templateCells(set)
    ]
  },
  'HorizontalPodAutoscaler.autoscaling': {
    columns: columns('Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'),
    row: (scaler) => [
      scaler.metadata.name,
      `${textOf(fieldOf(scaler, 'spec', 'scaleTargetRef', 'kind'))}/${textOf(fieldOf(scaler, 'spec', 'scaleTargetRef', 'name'))}`,
      shortList(arrayOf(fieldOf(scaler, 'spec', 'metrics')).map(metricCell), 2, ', '),
      textOf(fieldOf(scaler, 'spec', 'minReplicas')) || '<unset>',
      textOf(fieldOf(scaler, 'spec', 'maxReplicas')),
      count(scaler, 'status', 'currentReplicas'),
      ageOf(scaler.metadata.creationTimestamp)
    ]
  },
  'PodDisruptionBudget.policy': {
    columns: columns('Name', 'Min Available', 'Max Unavailable', '*Allowed Disruptions', 'Age'),
    row: (budget) => [
      budget.metadata.name,
      textOf(fieldOf(budget, 'spec', 'minAvailable')) || 'N/A',
      textOf(fieldOf(budget, 'spec', 'maxUnavailable')) || 'N/A',
      count(budget, 'status', 'disruptionsAllowed'),
      ageOf(budget.metadata.creationTimestamp)
    ]
  }
}

function count (object: StoredObject, ...path: readonly string[]): number {
  return Number(fieldOf(object, ...path) ?? 0)
}

function templateCells (object: StoredObject): readonly Cell[] {
  const containers = arrayOf(fieldOf(object, 'spec', 'template', 'spec', 'containers')).map(recordOf)
  return [
    containers.map(({ name }) => textOf(name)).join(','),
    containers.map(({ image }) => textOf(image)).join(','),
    labelCell(fieldOf(object, 'spec', 'selector', 'matchLabels'))
  ]
}

/** Nothing measures load here, so the current value of a metric is never known. */
function metricCell (metric: unknown): string {
  const { resource } = recordOf(metric)
  const target = recordOf(recordOf(resource).target)
  const wanted = target.averageUtilization === undefined ? textOf(target.averageValue) : `${textOf(target.averageUtilization)}%`
  return `${textOf(recordOf(resource).name)}: <unknown>/${wanted || '<auto>'}`
}
