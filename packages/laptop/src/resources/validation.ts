import { isDeepStrictEqual } from 'node:util'
import type { StatusCause } from '../api/status.ts'
import type { StoredObject } from '../store/store.ts'
import { arrayOf, fieldOf, isRecord, recordOf, textOf, type JsonRecord } from './json.ts'
import type { Kind } from './kinds.ts'
import { labelKeyProblem, labelValueProblem, nameProblem } from './names.ts'

/** What is wrong with the metadata of any object, in the API server's words. */
export function validateMetadata (kind: Kind, metadata: JsonRecord): StatusCause[] {
  const causes: StatusCause[] = []
  const name = textOf(metadata.name)
  const problem = nameProblem(name, kind.kind)
  if (problem !== undefined) causes.push(invalidValue('metadata.name', name, problem))
  for (const field of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(recordOf(metadata[field]))) {
      const keyProblem = labelKeyProblem(key)
      if (keyProblem !== undefined) causes.push(invalidValue(`metadata.${field}`, key, keyProblem))
      const valueProblem = field === 'labels' ? labelValueProblem(String(value)) : undefined
      if (valueProblem !== undefined) causes.push(invalidValue(`metadata.${field}`, value, valueProblem))
    }
  }
  return causes
}

/** What is wrong with one of Kubernetes' own kinds beyond its fields' types, as far as the laptop relies on it. */
export function validateCore (kind: Kind, object: JsonRecord, previous?: StoredObject): StatusCause[] {
  switch (kind.key) {
    case 'Deployment.apps':
    case 'ReplicaSet.apps': return validateWorkload(object, previous)
    case 'Service': return validateService(object, previous)
    case 'Pod': return validateContainers(recordOf(object.spec), 'spec')
    case 'Secret': return validateSecret(object, previous)
    default: return []
  }
}

function validateWorkload (object: JsonRecord, previous: StoredObject | undefined): StatusCause[] {
  const spec = recordOf(object.spec)
  const causes: StatusCause[] = []
  const selector = recordOf(spec.selector)
  const labels = recordOf(fieldOf(spec, 'template', 'metadata', 'labels'))
  if (Object.keys(selector).length === 0) causes.push(required('spec.selector'))
  else if (!Object.entries(recordOf(selector.matchLabels)).every(([key, value]) => labels[key] === value)) {
    causes.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  if (typeof spec.replicas === 'number' && spec.replicas < 0) {
    causes.push(invalidValue('spec.replicas', spec.replicas, 'must be greater than or equal to 0'))
  }
  causes.push(...validateContainers(recordOf(fieldOf(spec, 'template', 'spec')), 'spec.template.spec'))
  if (previous !== undefined && !isDeepStrictEqual(spec.selector, fieldOf(previous, 'spec', 'selector'))) {
    causes.push(invalidValue('spec.selector', spec.selector, 'field is immutable'))
  }
  return causes
}

function validateContainers (spec: JsonRecord, path: string): StatusCause[] {
  const containers = arrayOf(spec.containers)
  if (containers.length === 0) return [required(`${path}.containers`)]
  const causes: StatusCause[] = []
  const names = new Set<unknown>()
  containers.forEach((container, index) => {
    const { name, image } = recordOf(container)
    const at = `${path}.containers[${index}]`
    if (textOf(name) === '') causes.push(required(`${at}.name`))
    else if (names.has(name)) causes.push({ field: `${at}.name`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(name)}` })
    names.add(name)
    if (textOf(image) === '') causes.push(required(`${at}.image`))
  })
  return causes
}

function validateService (object: JsonRecord, previous: StoredObject | undefined): StatusCause[] {
  const spec = recordOf(object.spec)
  const ports = arrayOf(spec.ports)
  const causes: StatusCause[] = []
  const headless = spec.clusterIP === 'None' || spec.type === 'ExternalName'
  if (ports.length === 0 && !headless) causes.push(required('spec.ports'))
  if (spec.type === 'ExternalName' && textOf(spec.externalName) === '') causes.push(required('spec.externalName'))
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
  if (!types.includes(textOf(spec.type))) {
    causes.push({ field: 'spec.type', reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(spec.type)}: supported values: ${types.map((type) => `"${type}"`).join(', ')}` })
  }
  const names = new Set<unknown>()
  ports.forEach((port, index) => {
    const { name, port: number } = recordOf(port)
    const at = `spec.ports[${index}]`
    if (ports.length > 1 && textOf(name) === '') causes.push(required(`${at}.name`))
    if (name !== undefined && names.has(name)) causes.push({ field: `${at}.name`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(name)}` })
    names.add(name)
    if (number === undefined) causes.push(required(`${at}.port`))
    else if (!isPort(number)) causes.push(invalidValue(`${at}.port`, number, 'must be between 1 and 65535, inclusive'))
  })
  const before = fieldOf(previous, 'spec', 'clusterIP')
  if (before !== undefined && spec.clusterIP !== undefined && before !== spec.clusterIP && spec.type !== 'ExternalName') {
    causes.push(invalidValue('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set'))
  }
  return causes
}

function validateSecret (object: JsonRecord, previous: StoredObject | undefined): StatusCause[] {
  const causes: StatusCause[] = []
  for (const [key, value] of Object.entries(recordOf(object.data))) {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(textOf(value))) causes.push(invalidValue(`data[${key}]`, '<secret contents redacted>', 'must be base64'))
  }
  if (object.type === 'kubernetes.io/tls') {
    for (const key of ['tls.crt', 'tls.key']) {
      if (!isRecord(object.data) || object.data[key] === undefined) causes.push(required(`data[${key}]`))
    }
  }
  if (previous !== undefined && previous.type !== object.type) causes.push(invalidValue('type', object.type, 'field is immutable'))
  return causes
}

function isPort (value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535
}

function required (field: string): StatusCause {
  return { field, reason: 'FieldValueRequired', message: 'Required value' }
}

function invalidValue (field: string, value: unknown, detail: string): StatusCause {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` }
}
