/** A field of a message: its name in JSON, and what it holds. */
export interface Field {
  readonly name: string
  readonly type: 'string' | 'bytes' | 'integer' | 'boolean' | Message
  readonly repeated?: true
  /** From texts to texts (or bytes). */
  readonly map?: true
}

/** Fields by their number. @see https://github.com/kubernetes/api, generated.proto of each group */
export type Message = Readonly<Record<number, Field>>

const text = (name: string): Field => ({ name, type: 'string' })
const texts = (name: string): Field => ({ name, type: 'string', repeated: true })
const integer = (name: string): Field => ({ name, type: 'integer' })
const flag = (name: string): Field => ({ name, type: 'boolean' })
const map = (name: string): Field => ({ name, type: 'string', map: true })
const message = (name: string, type: Message): Field => ({ name, type })
const messages = (name: string, type: Message): Field => ({ name, type, repeated: true })

const objectMeta: Message = {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  11: map('labels'),
  12: map('annotations'),
  14: texts('finalizers')
}
const metadata = message('metadata', objectMeta)

const containerPort: Message = { 1: text('name'), 2: integer('hostPort'), 3: integer('containerPort'), 4: text('protocol'), 5: text('hostIP') }
const container: Message = {
  1: text('name'),
  2: text('image'),
  3: texts('command'),
  4: texts('args'),
  5: text('workingDir'),
  6: messages('ports', containerPort),
  7: messages('env', { 1: text('name'), 2: text('value') }),
  14: text('imagePullPolicy')
}
const podSpec: Message = {
  2: messages('containers', container),
  3: text('restartPolicy'),
  4: integer('terminationGracePeriodSeconds'),
  6: text('dnsPolicy'),
  8: text('serviceAccountName'),
  20: messages('initContainers', container)
}
const deploymentSpec: Message = {
  1: integer('replicas'),
  2: message('selector', { 1: map('matchLabels') }),
  3: message('template', { 1: metadata, 2: message('spec', podSpec) }),
  4: message('strategy', { 1: text('type') }),
  5: integer('minReadySeconds'),
  6: integer('revisionHistoryLimit')
}
const resourceAttributes: Message = {
  1: text('namespace'), 2: text('verb'), 3: text('group'), 4: text('version'), 5: text('resource'), 6: text('subresource'), 7: text('name')
}

/** The kinds that kubectl makes by itself and sends in this form. */
export const kindMessages: Readonly<Record<string, Message>> = {
  ConfigMap: { 1: metadata, 2: map('data'), 3: { name: 'binaryData', type: 'bytes', map: true }, 4: flag('immutable') },
  Secret: { 1: metadata, 2: { name: 'data', type: 'bytes', map: true }, 3: text('type'), 4: map('stringData'), 5: flag('immutable') },
  Namespace: { 1: metadata, 2: message('spec', { 1: texts('finalizers') }) },
  ServiceAccount: { 1: metadata, 4: flag('automountServiceAccountToken') },
  Deployment: { 1: metadata, 2: message('spec', deploymentSpec) },
  Pod: { 1: metadata, 2: message('spec', podSpec) },
  SelfSubjectAccessReview: {
    1: metadata,
    2: message('spec', { 1: message('resourceAttributes', resourceAttributes), 2: message('nonResourceAttributes', { 1: text('path'), 2: text('verb') }) })
  },
  SelfSubjectReview: { 1: metadata }
}
