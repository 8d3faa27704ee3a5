import type { StoredObject } from '../../store/store.ts'
import { ageOf } from '../duration.ts'
import { arrayOf, fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../json.ts'
import { columns } from './columns.ts'
import type { TableFormat } from './table.ts'

/** `kubectl get pods`. */
export const podTable: TableFormat = {
  columns: columns('Name', 'Ready', 'Status', 'Restarts', 'Age', '+IP', '+Node', '+Nominated Node', '+Readiness Gates'),
  row: (pod) => {
    const { ready, containers, reason, restarts } = podSummary(pod)
    return [
      pod.metadata.name,
      `${ready}/${containers}`,
      reason,
      restarts,
      ageOf(pod.metadata.creationTimestamp),
      textOf(fieldOf(pod, 'status', 'podIP')) || '<none>',
      textOf(fieldOf(pod, 'spec', 'nodeName')) || '<none>',
      textOf(fieldOf(pod, 'status', 'nominatedNodeName')) || '<none>',
      '<none>'
    ]
  }
}

interface PodSummary {
  readonly ready: number
  readonly containers: number
  /** The STATUS cell: a phase, or what keeps the pod from running. */
  readonly reason: string
  readonly restarts: string
}

/** Reads a pod's container states. A sidecar (an init container with restartPolicy Always) counts as a container. */
export function podSummary (pod: StoredObject): PodSummary {
  const spec = recordOf(pod.spec)
  const status = recordOf(pod.status)
  const sidecars = new Set(arrayOf(spec.initContainers).map(recordOf).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const initial = arrayOf(status.initContainerStatuses).map(recordOf)
  const running = arrayOf(status.containerStatuses).map(recordOf)
  const blocked = initReason(initial, sidecars, arrayOf(spec.initContainers).length)
  const readySidecars = initial.filter(({ name, ready, started }) => sidecars.has(name) && ready === true && started === true)
  const readyContainers = running.filter((container) => container.ready === true && isRecord(fieldOf(container, 'state', 'running')))
  const counted = blocked === undefined ? [...initial.filter(({ name }) => sidecars.has(name)), ...running] : initial
  return {
    ready: readySidecars.length + (blocked === undefined ? readyContainers.length : 0),
    containers: arrayOf(spec.containers).length + sidecars.size,
    reason: deletionReason(pod) ?? blocked ?? containerReason(running, status) ?? (textOf(status.reason) || textOf(status.phase)),
    restarts: restartsOf(counted)
  }
}

/** Why the pod is not past its init containers; undefined when it is. */
function initReason (statuses: readonly JsonRecord[], sidecars: ReadonlySet<unknown>, total: number): string | undefined {
  for (const [index, container] of statuses.entries()) {
    const terminated = fieldOf(container, 'state', 'terminated')
    if (isRecord(terminated)) {
      if (terminated.exitCode === 0) continue
      return `Init:${endReason(terminated)}`
    }
    if (sidecars.has(container.name) && container.started === true) continue
    const waiting = textOf(fieldOf(container, 'state', 'waiting', 'reason'))
    return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`
  }
  return undefined
}

/** What the first container that does not just run is at; undefined when all run. */
function containerReason (statuses: readonly JsonRecord[], status: JsonRecord): string | undefined {
  const reasons = statuses.map((container) => {
    const waiting = textOf(fieldOf(container, 'state', 'waiting', 'reason'))
    if (waiting !== '') return waiting
    const terminated = fieldOf(container, 'state', 'terminated')
    return isRecord(terminated) ? endReason(terminated) : undefined
  })
  const reason = reasons.find((one) => one !== undefined)
  if (reason !== 'Completed') return reason
  const failed = reasons.find((one, index) => one !== undefined && fieldOf(statuses[index], 'state', 'terminated', 'exitCode') !== 0)
  const anyRunning = statuses.some((container) => container.ready === true && isRecord(fieldOf(container, 'state', 'running')))
  if (!anyRunning) return failed ?? reason
  const ready = arrayOf(status.conditions).map(recordOf).some((condition) => condition.type === 'Ready' && condition.status === 'True')
  return ready ? 'Running' : failed ?? 'NotReady'
}

function endReason (terminated: JsonRecord): string {
  const reason = textOf(terminated.reason)
  if (reason !== '') return reason
  return terminated.signal === undefined || terminated.signal === 0 ? `ExitCode:${textOf(terminated.exitCode)}` : `Signal:${textOf(terminated.signal)}`
}

function deletionReason (pod: StoredObject): string | undefined {
  const ended = ['Succeeded', 'Failed'].includes(textOf(fieldOf(pod, 'status', 'phase')))
  return pod.metadata.deletionTimestamp !== undefined && !ended ? 'Terminating' : undefined
}

function restartsOf (statuses: readonly JsonRecord[]): string {
  const count = statuses.reduce((sum, { restartCount }) => sum + (Number(restartCount) || 0), 0)
  const times = statuses.map((status) => textOf(fieldOf(status, 'lastState', 'terminated', 'finishedAt'))).filter((time) => time !== '').sort()
  const last = times.at(-1)
  return count === 0 || last === undefined ? String(count) : `${count} (${ageOf(last)} ago)`
}
