import { formatProblem, parseYaml, type YamlDocument } from '@bankinfo/mesh/rules'
import { isRecord, type JsonRecord } from '../resources/json.ts'

/** A kustomization that cannot be built; the message names file and line. */
export class KustomizeError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'KustomizeError'
  }
}

export interface LabelRule {
  readonly pairs: Readonly<Record<string, string>>
  readonly includeSelectors: boolean
  readonly includeTemplates: boolean
}

export interface ImageRule {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

export interface PatchTarget {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

export interface PatchRule {
  /** Relative to the kustomization; either this or the patch itself. */
  readonly path?: string
  readonly patch?: string
  readonly target?: PatchTarget
  /** For messages: `file:line`. */
  readonly where: string
}

/** The keys of a kustomization.yaml that are obeyed; every other key is refused by name. */
export interface Kustomization {
  readonly resources: ReadonlyArray<{ readonly path: string, readonly where: string }>
  readonly labels: readonly LabelRule[]
  readonly images: readonly ImageRule[]
  readonly patches: readonly PatchRule[]
}

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const texts: Check = (value) => isRecord(value) && Object.values(value).every(text)

const targetFields = Object.fromEntries(['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'].map((field) => [field, text]))
const fields = {
  labels: { pairs: texts, includeSelectors: flag, includeTemplates: flag },
  images: { name: text, newName: text, newTag: text, digest: text },
  patches: { path: text, patch: text, target: isRecord, options: (value: unknown) => isRecord(value) && Object.keys(value).length === 0 }
} as const

const identity: Readonly<Record<string, string>> = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }

/** Reads a kustomization.yaml. @throws KustomizeError naming file, line and key of what it cannot obey */
export function parseKustomization (file: string, content: string): Kustomization {
  const { documents, problems } = parseYaml(file, content)
  if (problems.length > 0) throw new KustomizeError(problems.map(formatProblem).join('\n'))
  const [document] = documents
  if (document === undefined || !isRecord(document.value)) throw new KustomizeError(`${file}: kustomization.yaml is empty`)
  const { value } = document
  const where = (path: ReadonlyArray<string | number>): string => place(file, document, path)

  for (const [key, item] of Object.entries(value)) {
    if (key in identity) {
      if (item !== identity[key]) throw new KustomizeError(`${where([key])}: ${key} must be ${identity[key] ?? ''}, ${JSON.stringify(item)} came`)
    } else if (key !== 'resources' && !(key in fields)) {
      throw new KustomizeError(`${where([key])}: the key "${key}" is not carried out here; resources, labels, images and patches are. With kubectl: kubectl apply -k`)
    }
  }
  return {
    resources: list(value, 'resources', where).map((item, index) => {
      if (typeof item !== 'string') throw new KustomizeError(`${where(['resources', index])}: a path is expected, ${JSON.stringify(item)} came`)
      if (/^[a-z]+:\/\/|^git@|^github\.com\//.test(item)) throw new KustomizeError(`${where(['resources', index])}: ${item} is not on this machine; fetch it first`)
      return { path: item, where: where(['resources', index]) }
    }),
    labels: entries(value, 'labels', where).map((item) => ({
      pairs: item.pairs as Record<string, string> ?? {},
      includeSelectors: item.includeSelectors === true,
      includeTemplates: item.includeTemplates === true
    })),
    images: entries(value, 'images', where).map((item, index) => {
      if (item.name === undefined) throw new KustomizeError(`${where(['images', index])}: "name" is missing, the image to change`)
      return item as unknown as ImageRule
    }),
    patches: entries(value, 'patches', where).map((item, index) => {
      const at = where(['patches', index])
      if ((item.path === undefined) === (item.patch === undefined)) throw new KustomizeError(`${at}: either "path" or "patch" is expected`)
      for (const [key, wanted] of Object.entries(isRecord(item.target) ? item.target : {})) {
        if (targetFields[key]?.(wanted) !== true) throw new KustomizeError(`${where(['patches', index, 'target', key])}: target.${key} is no text, or not a field of a target`)
      }
      return { ...item, where: at } as unknown as PatchRule
    })
  }
}

type Where = (path: ReadonlyArray<string | number>) => string

function list (value: JsonRecord, key: string, where: Where): readonly unknown[] {
  const items = value[key]
  if (items === undefined || items === null) return []
  if (!Array.isArray(items)) throw new KustomizeError(`${where([key])}: a list is expected`)
  return items
}

function entries (value: JsonRecord, key: keyof typeof fields, where: Where): readonly JsonRecord[] {
  const known: Readonly<Record<string, Check>> = fields[key]
  return list(value, key, where).map((item, index) => {
    if (!isRecord(item)) throw new KustomizeError(`${where([key, index])}: a mapping is expected`)
    for (const [field, content] of Object.entries(item)) {
      const check = known[field]
      if (check === undefined) throw new KustomizeError(`${where([key, index, field])}: the key "${field}" of ${key} is not carried out here; ${Object.keys(known).join(', ')} are`)
      if (!check(content)) throw new KustomizeError(`${where([key, index, field])}: ${key}.${field} has a value of the wrong type: ${JSON.stringify(content)}${typeof content === 'object' ? '' : '. A text needs quotes'}`)
    }
    return item
  })
}

function place (file: string, document: YamlDocument, path: ReadonlyArray<string | number>): string {
  const { line, column } = document.locate([...path])
  return `${file}:${line}:${column}`
}
