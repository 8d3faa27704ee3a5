import { ageOf } from '../../resources/duration.ts'
import { arrayOf, fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { describeContainers, describePlacement, describeVolumes } from './containers.ts'
import { showAnnotations, showMap, showTime } from './fields.ts'

/** A pod as kubectl describes it. */
export function describePod (pod: JsonRecord): string {
  const metadata = recordOf(pod.metadata)
  const spec = recordOf(pod.spec)
  const status = recordOf(pod.status)
  const line = (title: string, value: unknown): string => textOf(value) === '' ? '' : `${title}:\t${textOf(value)}\n`
  const addresses = arrayOf(status.podIPs).map((address) => textOf(recordOf(address).ip))
  const initial = arrayOf(spec.initContainers)
  return [
    `Name:\t${textOf(metadata.name)}\n`,
    `Namespace:\t${textOf(metadata.namespace)}\n`,
    line('Priority', spec.priority),
    line('Service Account', spec.serviceAccountName),
    textOf(spec.nodeName) === '' ? 'Node:\t<none>\n' : `Node:\t${textOf(spec.nodeName)}/${textOf(status.hostIP)}\n`,
    line('Start Time', status.startTime === undefined ? '' : showTime(status.startTime)),
    showMap('Labels', metadata.labels),
    showAnnotations(metadata.annotations),
    statusLines(metadata, status),
    line('Reason', status.reason),
    line('Message', status.message),
    line('SeccompProfile', fieldOf(spec, 'securityContext', 'seccompProfile', 'type')),
    `IP:\t${textOf(status.podIP)}\n`,
    addresses.length === 0 ? 'IPs:\t<none>\n' : `IPs:\n${addresses.map((address) => `  IP:\t${address}\n`).join('')}`,
    controller(metadata),
    initial.length === 0 ? '' : describeContainers(initial, { title: 'Init Containers', statuses: arrayOf(status.initContainerStatuses).map(recordOf), indent: '', pod }),
    describeContainers(spec.containers, { title: 'Containers', statuses: arrayOf(status.containerStatuses).map(recordOf), indent: '', pod }),
    conditions(status.conditions),
    describeVolumes(spec.volumes, ''),
    `QoS Class:\t${textOf(status.qosClass) || serviceClass(spec)}\n`,
    describePlacement(spec, '')
  ].join('')
}

function statusLines (metadata: JsonRecord, status: JsonRecord): string {
  const phase = textOf(status.phase)
  if (metadata.deletionTimestamp === undefined || phase === 'Failed' || phase === 'Succeeded') return `Status:\t${phase}\n`
  return `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp)})\nTermination Grace Period:\t${textOf(metadata.deletionGracePeriodSeconds)}s\n`
}

/** Who made the object. */
export function controller (metadata: JsonRecord): string {
  const owner = arrayOf(metadata.ownerReferences).map(recordOf).find((reference) => reference.controller === true)
  return owner === undefined ? '' : `Controlled By:\t${textOf(owner.kind)}/${textOf(owner.name)}\n`
}

function conditions (list: unknown): string {
  const lines = arrayOf(list).map(recordOf).map(({ type, status }) => `  ${textOf(type)} \t${textOf(status)} \n`)
  return lines.length === 0 ? '' : `Conditions:\n  Type\tStatus\n${lines.join('')}`
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function serviceClass (spec: JsonRecord): string {
  const all = [...arrayOf(spec.containers), ...arrayOf(spec.initContainers)].map((container) => recordOf(recordOf(container).resources))
  const amounts = (kind: 'limits' | 'requests'): readonly JsonRecord[] => all.map((resources) => recordOf(resources[kind]))
  if ([...amounts('limits'), ...amounts('requests')].every((amount) => Object.keys(amount).length === 0)) return 'BestEffort'
  const guaranteed = all.every(({ limits, requests }) => isRecord(limits) && ['cpu', 'memory'].every((name) =>
    limits[name] !== undefined && (!isRecord(requests) || requests[name] === undefined || requests[name] === limits[name])))
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
