import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { describeContainers, describePlacement, describeVolumes } from './containers.ts'
import { showAnnotations, showMap, showTime } from './fields.ts'
import { controller } from './pod.ts'

const revision = 'deployment.kubernetes.io/revision'

/** A Deployment as kubectl describes it. @param sets the ReplicaSets of its namespace */
export function describeDeployment (deployment: JsonRecord, sets: readonly JsonRecord[]): string {
  const metadata = recordOf(deployment.metadata)
  const spec = recordOf(deployment.spec)
  const status = recordOf(deployment.status)
  const count = (field: string): string => textOf(status[field]) || '0'
  const rolling = recordOf(fieldOf(spec, 'strategy', 'rollingUpdate'))
  const own = sets.filter((set) => arrayOf(fieldOf(set, 'metadata', 'ownerReferences')).some((owner) => recordOf(owner).uid === metadata.uid))
  const newest = own.find((set) => textOf(fieldOf(set, 'metadata', 'annotations', revision)) === textOf(fieldOf(metadata, 'annotations', revision)))
  return [
    `Name:\t${textOf(metadata.name)}\n`,
    `Namespace:\t${textOf(metadata.namespace)}\n`,
    `CreationTimestamp:\t${showTime(metadata.creationTimestamp)}\n`,
    showMap('Labels', metadata.labels),
    showAnnotations(metadata.annotations),
    `Selector:\t${selector(spec.selector)}\n`,
    `Replicas:\t${textOf(spec.replicas)} desired | ${count('updatedReplicas')} updated | ${count('replicas')} total | ${count('availableReplicas')} available | ${count('unavailableReplicas')} unavailable\n`,
    `StrategyType:\t${textOf(fieldOf(spec, 'strategy', 'type'))}\n`,
    `MinReadySeconds:\t${textOf(spec.minReadySeconds) || '0'}\n`,
    Object.keys(rolling).length === 0 ? '' : `RollingUpdateStrategy:\t${textOf(rolling.maxUnavailable)} max unavailable, ${textOf(rolling.maxSurge)} max surge\n`,
    template(recordOf(spec.template)),
    conditions(status.conditions),
    own.length === 0
      ? ''
      : `OldReplicaSets:\t${setList(own.filter((set) => set !== newest))}\nNewReplicaSet:\t${setList(newest === undefined ? [] : [newest])}\n`
  ].join('')
}

/** A ReplicaSet as kubectl describes it. @param pods the pods of its namespace */
export function describeReplicaSet (set: JsonRecord, pods: readonly JsonRecord[]): string {
  const metadata = recordOf(set.metadata)
  const own = pods.filter((pod) => arrayOf(fieldOf(pod, 'metadata', 'ownerReferences')).some((owner) => recordOf(owner).uid === metadata.uid))
  const phase = (name: string): number => own.filter((pod) => textOf(fieldOf(pod, 'status', 'phase')) === name).length
  return [
    `Name:\t${textOf(metadata.name)}\n`,
    `Namespace:\t${textOf(metadata.namespace)}\n`,
    `Selector:\t${selector(fieldOf(set, 'spec', 'selector'))}\n`,
    showMap('Labels', metadata.labels),
    showAnnotations(metadata.annotations),
    controller(metadata),
    `Replicas:\t${textOf(fieldOf(set, 'status', 'replicas')) || '0'} current / ${textOf(fieldOf(set, 'spec', 'replicas'))} desired\n`,
    `Pods Status:\t${phase('Running')} Running / ${phase('Pending')} Waiting / ${phase('Succeeded')} Succeeded / ${phase('Failed')} Failed\n`,
    template(recordOf(fieldOf(set, 'spec', 'template'))),
    conditions(fieldOf(set, 'status', 'conditions'))
  ].join('')
}

function template ({ metadata, spec }: JsonRecord): string {
  const { labels, annotations } = recordOf(metadata)
  const pod = recordOf(spec)
  const account = textOf(pod.serviceAccountName)
  return [
    'Pod Template:\n',
    showMap('Labels', labels, '  '),
    Object.keys(recordOf(annotations)).length === 0 ? '' : showAnnotations(annotations, '  '),
    account === '' ? '' : `  Service Account:\t${account}\n`,
    arrayOf(pod.initContainers).length === 0 ? '' : describeContainers(pod.initContainers, { title: 'Init Containers', statuses: [], indent: '  ' }),
    describeContainers(pod.containers, { title: 'Containers', statuses: [], indent: '  ' }),
    describeVolumes(pod.volumes, '  '),
    describePlacement(pod, '  ')
  ].join('')
}

function conditions (list: unknown): string {
  const lines = arrayOf(list).map(recordOf).map(({ type, status, reason }) => `  ${textOf(type)} \t${textOf(status)}\t${textOf(reason)}\n`)
  return lines.length === 0 ? '' : `Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n${lines.join('')}`
}

function selector (value: unknown): string {
  const labels = Object.entries(recordOf(recordOf(value).matchLabels)).map(([key, label]) => `${key}=${textOf(label)}`).sort()
  const expressions = arrayOf(recordOf(value).matchExpressions).map(recordOf).map(({ key, operator, values }) => {
    const list = `(${arrayOf(values).map(textOf).sort().join(',')})`
    switch (operator) {
      case 'In': return `${textOf(key)} in ${list}`
      case 'NotIn': return `${textOf(key)} notin ${list}`
      case 'DoesNotExist': return `!${textOf(key)}`
      default: return textOf(key)
    }
  })
  return [...labels, ...expressions].join(',') || '<none>'
}

function setList (sets: readonly JsonRecord[]): string {
  return sets.map((set) =>
    `${textOf(fieldOf(set, 'metadata', 'name'))} (${textOf(fieldOf(set, 'status', 'replicas')) || '0'}/${textOf(fieldOf(set, 'spec', 'replicas'))} replicas created)`).join(', ') || '<none>'
}
