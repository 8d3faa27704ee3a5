import { arrayOf, fieldOf, isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { showMap, showTime } from './fields.ts'

export interface ContainerListOptions {
  readonly title: string
  /** By container; empty for a template. */
  readonly statuses: readonly JsonRecord[]
  /** Of a template, two spaces. */
  readonly indent: string
  /** The pod itself, to show the values of fieldRefs. */
  readonly pod?: JsonRecord
}

/** The containers of a pod or of a template. */
export function describeContainers (containers: unknown, { title, statuses, indent, pod }: ContainerListOptions): string {
  const blocks = arrayOf(containers).map(recordOf).map((container) => {
    const status = statuses.find(({ name }) => name === container.name)
    return [
      `  ${indent === '' ? '' : ' '}${textOf(container.name)}:\n`,
      identity(container, status),
      words('Command', container.command),
      words('Args', container.args),
      status === undefined ? '' : state(status),
      resources(container.resources),
      ...['liveness', 'readiness', 'startup'].map((kind) => probe(kind, container[`${kind}Probe`])),
      environment(container, pod),
      mounts(container.volumeMounts)
    ].join('')
  })
  return `${indent}${title}:\n${blocks.join('')}`
}

function identity (container: JsonRecord, status: JsonRecord | undefined): string {
  const ports = arrayOf(container.ports).map(recordOf)
  const shown = ports.map(({ containerPort, protocol, name }) => `${textOf(containerPort)}/${textOf(protocol) || 'TCP'}${name === undefined ? '' : ` (${textOf(name)})`}`)
  const host = ports.map(({ hostPort, protocol, name }) => `${textOf(hostPort) || '0'}/${textOf(protocol) || 'TCP'}${name === undefined ? '' : ` (${textOf(name)})`}`)
  const plural = shown.length > 1 ? 's' : ''
  const profile = textOf(fieldOf(container, 'securityContext', 'seccompProfile', 'type'))
  return [
    status === undefined ? '' : `    Container ID:\t${textOf(status.containerID)}\n`,
    `    Image:\t${textOf(container.image)}\n`,
    status === undefined ? '' : `    Image ID:\t${textOf(status.imageID)}\n`,
    `    Port${plural}:\t${shown.join(', ') || '<none>'}\n`,
    `    Host Port${plural}:\t${host.join(', ') || '<none>'}\n`,
    profile === '' ? '' : `    SeccompProfile:\t${profile}\n`
  ].join('')
}

function words (title: string, list: unknown): string {
  const lines = arrayOf(list).flatMap((word) => textOf(word).split('\n'))
  return lines.length === 0 ? '' : `    ${title}:\n${lines.map((line) => `      ${line}\n`).join('')}`
}

function state (status: JsonRecord): string {
  const before = recordOf(status.lastState)
  return [
    oneState('State', recordOf(status.state)),
    isRecord(before.terminated) ? oneState('Last State', before) : '',
    `    Ready:\t${status.ready === true ? 'True' : 'False'}\n`,
    `    Restart Count:\t${textOf(status.restartCount) || '0'}\n`
  ].join('')
}

function oneState (title: string, { running, waiting, terminated }: JsonRecord): string {
  const line = (name: string, value: string): string => value === '' ? '' : `      ${name}:\t${value}\n`
  if (isRecord(running)) return `    ${title}:\tRunning\n${line('Started', showTime(running.startedAt))}`
  if (!isRecord(terminated)) return `    ${title}:\tWaiting\n${line('Reason', textOf(fieldOf(waiting, 'reason')))}`
  return [
    `    ${title}:\tTerminated\n`,
    line('Reason', textOf(terminated.reason)),
    line('Message', textOf(terminated.message)),
    line('Exit Code', textOf(terminated.exitCode)),
    line('Signal', textOf(terminated.signal)),
    line('Started', showTime(terminated.startedAt)),
    line('Finished', showTime(terminated.finishedAt))
  ].join('')
}

function resources (value: unknown): string {
  return ['limits', 'requests'].map((kind) => {
    const entries = Object.entries(recordOf(recordOf(value)[kind])).sort(([a], [b]) => a < b ? -1 : 1)
    if (entries.length === 0) return ''
    const title = kind === 'limits' ? 'Limits' : 'Requests'
    return `    ${title}:\n${entries.map(([name, amount]) => `      ${name}:\t${textOf(amount)}\n`).join('')}`
  }).join('')
}

function probe (kind: string, value: unknown): string {
  if (!isRecord(value)) return ''
  const times = [
    `delay=${textOf(value.initialDelaySeconds) || '0'}s`, `timeout=${textOf(value.timeoutSeconds)}s`, `period=${textOf(value.periodSeconds)}s`,
    `#success=${textOf(value.successThreshold)}`, `#failure=${textOf(value.failureThreshold)}`
  ].join(' ')
  const title = kind.charAt(0).toUpperCase() + kind.slice(1)
  return `    ${title}:\t${action(value)} ${times}\n`
}

function action ({ httpGet, exec, tcpSocket, grpc }: JsonRecord): string {
  if (isRecord(exec)) return `exec [${arrayOf(exec.command).map(textOf).join(' ')}]`
  if (isRecord(httpGet)) return `http-get ${(textOf(httpGet.scheme) || 'HTTP').toLowerCase()}://${textOf(httpGet.host)}:${textOf(httpGet.port)}${textOf(httpGet.path)}`
  if (isRecord(tcpSocket)) return `tcp-socket ${textOf(tcpSocket.host)}:${textOf(tcpSocket.port)}`
  return isRecord(grpc) ? `grpc <pod>:${textOf(grpc.port)} ${textOf(grpc.service)}` : 'unknown'
}

function environment (container: JsonRecord, pod: JsonRecord | undefined): string {
  const sources = arrayOf(container.envFrom).map(recordOf).map(({ configMapRef, secretRef, prefix }) => {
    const reference = recordOf(configMapRef ?? secretRef)
    const from = (isRecord(configMapRef) ? 'ConfigMap' : 'Secret') + (prefix === undefined ? '' : ` with prefix '${textOf(prefix)}'`)
    return `      ${textOf(reference.name)}\t${from}\tOptional: ${String(reference.optional === true)}\n`
  })
  const variables = arrayOf(container.env).map(recordOf).map((variable) => `      ${textOf(variable.name)}:\t${valueOf(variable, pod)}\n`)
  return [
    sources.length === 0 ? '' : `    Environment Variables from:\n${sources.join('')}`,
    variables.length === 0 ? '    Environment:\t<none>\n' : `    Environment:\n${variables.join('')}`
  ].join('')
}

function valueOf ({ value, valueFrom }: JsonRecord, pod: JsonRecord | undefined): string {
  const { fieldRef, secretKeyRef, configMapKeyRef, resourceFieldRef } = recordOf(valueFrom)
  if (isRecord(fieldRef)) {
    const path = textOf(fieldRef.fieldPath)
    const shown = pod === undefined ? '' : textOf(fieldOf(pod, ...path.split('.')))
    return `${shown} (${textOf(fieldRef.apiVersion) || 'v1'}:${path})`
  }
  if (isRecord(secretKeyRef)) return `<set to the key '${textOf(secretKeyRef.key)}' in secret '${textOf(secretKeyRef.name)}'>\tOptional: ${String(secretKeyRef.optional === true)}`
  if (isRecord(configMapKeyRef)) return `<set to the key '${textOf(configMapKeyRef.key)}' of config map '${textOf(configMapKeyRef.name)}'>\tOptional: ${String(configMapKeyRef.optional === true)}`
  if (isRecord(resourceFieldRef)) return ` (${textOf(resourceFieldRef.resource)})`
  return textOf(value).replaceAll('\n', '\n      \t')
}

function mounts (list: unknown): string {
  const lines = arrayOf(list).map(recordOf)
    .toSorted((a, b) => textOf(a.mountPath) < textOf(b.mountPath) ? -1 : 1)
    .map(({ mountPath, name, readOnly, subPath }) =>
      `      ${textOf(mountPath)} from ${textOf(name)} (${readOnly === true ? 'ro' : 'rw'}${subPath === undefined ? '' : `,path=${JSON.stringify(subPath)}`})\n`)
  return lines.length === 0 ? '    Mounts:\t<none>\n' : `    Mounts:\n${lines.join('')}`
}

/** The volumes of a pod or of a template. */
export function describeVolumes (volumes: unknown, indent: string): string {
  const list = arrayOf(volumes).map(recordOf)
  if (list.length === 0) return `${indent}Volumes:\t<none>\n`
  const blocks = list.map((volume) => `  ${indent === '' ? '' : ' '}${textOf(volume.name)}:\n${volumeSource(volume)}`)
  return `${indent}Volumes:\n${blocks.join('')}`
}

function volumeSource ({ emptyDir, secret, configMap, hostPath }: JsonRecord): string {
  const line = (name: string, value: string): string => `    ${name}:\t${value}\n`
  if (isRecord(emptyDir)) {
    return line('Type', 'EmptyDir (a temporary directory that shares a pod\'s lifetime)') +
      line('Medium', textOf(emptyDir.medium)) + line('SizeLimit', textOf(emptyDir.sizeLimit) || '<unset>')
  }
  if (isRecord(secret)) {
    return line('Type', 'Secret (a volume populated by a Secret)') + line('SecretName', textOf(secret.secretName)) + line('Optional', String(secret.optional === true))
  }
  if (isRecord(configMap)) {
    return line('Type', 'ConfigMap (a volume populated by a ConfigMap)') + line('Name', textOf(configMap.name)) + line('Optional', String(configMap.optional === true))
  }
  if (isRecord(hostPath)) return line('Type', 'HostPath (bare host directory volume)') + line('Path', textOf(hostPath.path)) + line('HostPathType', textOf(hostPath.type))
  return '  <unknown>\n'
}

/** Node selector and tolerations. */
export function describePlacement (spec: JsonRecord, indent: string): string {
  const tolerations = arrayOf(spec.tolerations).map(recordOf).map(({ key, value, effect, operator, tolerationSeconds }) => {
    const named = `${textOf(key)}${textOf(value) === '' ? '' : `=${textOf(value)}`}${textOf(effect) === '' ? '' : `:${textOf(effect)}`}`
    const exists = operator === 'Exists' && textOf(value) === '' ? `${named === '' ? '' : ' '}op=Exists` : ''
    return `${named}${exists}${tolerationSeconds === undefined ? '' : ` for ${textOf(tolerationSeconds)}s`}`
  })
  const lines = tolerations.length === 0 ? [`${indent}Tolerations:\t<none>\n`] : tolerations.map((text, index) => `${indent}${index === 0 ? 'Tolerations:' : ''}\t${text}\n`)
  return showMap('Node-Selectors', spec.nodeSelector, indent) + lines.join('')
}
