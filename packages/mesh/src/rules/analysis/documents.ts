import { isFields, asFields, asList, asTexts, type Fields } from '../value.ts'
import type { ParsedDocument } from '../manifest/manifest.ts'
import { formatPath, type FieldPath, type Finding, type FindingLevel } from '../problem.ts'
import { findRuleKind } from '../rule-kinds.ts'

/** An object under analysis, with its spec as fields. */
export interface Subject {
  readonly document: ParsedDocument
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** `namespace/name`. */
  readonly id: string
  readonly labels: Fields
  readonly spec: Fields
}

/** The objects under analysis by kind; kinds of Kubernetes and of Istio's current API have the same short names here. */
export interface Documents {
  readonly of: (kind: string) => readonly Subject[]
  /** Pods, and what Deployments and the like make pods from. */
  readonly workloads: readonly Workload[]
}

export interface Workload {
  readonly subject: Subject
  /** Labels of the pods. */
  readonly labels: Fields
}

const podTemplates = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'])

export function indexDocuments (documents: readonly ParsedDocument[], defaultNamespace: string): Documents {
  const subjects = new Map<string, Subject[]>()
  for (const document of documents) {
    const { resource } = document
    const isIstio = resource.apiVersion.includes('istio.io/')
    if (isIstio ? findRuleKind(resource) === undefined : resource.apiVersion.includes('gateway.networking.k8s.io/')) continue
    const { name, namespace = defaultNamespace, labels } = resource.metadata
    const subject = { document, kind: resource.kind, name, namespace, id: `${namespace}/${name}`, labels: asFields(labels), spec: asFields(resource.spec) }
    const same = subjects.get(resource.kind)
    if (same === undefined) subjects.set(resource.kind, [subject])
    else same.push(subject)
  }
  const of = (kind: string): readonly Subject[] => subjects.get(kind) ?? []
  const workloads = [
    ...of('Pod').map(subject => ({ subject, labels: subject.labels })),
    ...[...podTemplates].flatMap(of).map(subject => ({ subject, labels: asFields(asFields(asFields(subject.spec['template'])['metadata'])['labels']) }))
  ]
  return { of, workloads }
}

interface Message {
  readonly code: string
  readonly level: FindingLevel
  readonly message: string
  readonly hint: string
}

/** A finding at a field of a subject, or at its first line. */
export function findingAt (subject: Subject, path: FieldPath | undefined, message: Message): Finding {
  const position = path === undefined ? { line: subject.document.line, column: 1 } : subject.document.locate(path)
  return {
    ...message,
    ...position,
    resource: `${subject.kind} ${subject.id}`,
    file: subject.document.file,
    ...(path !== undefined && { path: formatPath(path) })
  }
}

/** Full name of a host as a rule of a namespace means it. Only names without a dot are short. */
export function fullHost (host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}.svc.cluster.local`
}

/** A place that a VirtualService sends requests to. */
export interface Destination {
  readonly fields: Fields
  /** Path of the destination itself. */
  readonly path: FieldPath
  readonly mirror: boolean
}

export function destinationsOf (virtualService: Subject): Destination[] {
  const routes = (protocol: string): Destination[] => asList(virtualService.spec[protocol]).flatMap((rule, index) =>
    asList(asFields(rule)['route']).map((route, at) => ({
      fields: asFields(asFields(route)['destination']),
      path: ['spec', protocol, index, 'route', at, 'destination'],
      mirror: false
    })))
  const mirrors = asList(virtualService.spec['http']).map(asFields).flatMap((rule, index): Destination[] => [
    ...(isFields(rule['mirror']) ? [{ fields: rule['mirror'], path: ['spec', 'http', index, 'mirror'], mirror: true }] : []),
    ...asList(rule['mirrors']).map((mirror, at) => ({ fields: asFields(asFields(mirror)['destination']), path: ['spec', 'http', index, 'mirrors', at, 'destination'], mirror: true }))
  ])
  return [...routes('tcp'), ...routes('tls'), ...routes('http'), ...mirrors]
}

/** Namespaces that `exportTo` reaches, `*` for all. */
export function scopesOf (subject: Subject): ReadonlySet<string> {
  const exportTo = asTexts(subject.spec['exportTo'])
  if (exportTo.length === 0 || exportTo.includes('*')) return new Set(['*'])
  return new Set(exportTo.map(scope => scope === '.' ? subject.namespace : scope))
}

/** Whether an object with these labels is what a selector asks for. */
export function isSelected (labels: Fields, selector: Fields): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

/** A selector as Kubernetes prints it: `app=a,version=v1`. */
export function printSelector (selector: Fields): string {
  return Object.entries(selector).map(([name, value]) => `${name}=${String(value)}`).sort().join(',')
}
