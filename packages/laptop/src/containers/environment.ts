import type { Container, EnvVar } from 'kubernetes-types/core/v1.js'
import { delimiter, dirname } from 'node:path'
import type { Store } from '../store/store.ts'
import { getKind, type Frozen, type StoredPod } from '../controllers/kinds.ts'

/** A container cannot start because something it names is not there. */
export class ContainerConfigError extends Error {}

export interface EnvironmentOptions {
  readonly store: Store
  readonly pod: StoredPod
  readonly container: Frozen<Container>
  /** A folder of the pod's own, its HOME and TMPDIR. */
  readonly home: string
  /** Where Node may keep compiled code, for all pods. */
  readonly compileCache: string
  /** Folders with the programs of the lab, before the system's on the PATH. */
  readonly tools: readonly string[]
  /** Those of every container, unless the manifest sets them. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** The pod's proxy with its credentials, `http://POD:TOKEN@127.0.0.1:PORT`; absent while there is none. */
  readonly proxy?: string | undefined
  /** Where the process must listen. */
  readonly port?: number | undefined
}

/**
 * A container's environment, built from nothing: what stands in the user's shell (a corporate proxy, NODE_OPTIONS, credentials)
 * never gets into a pod. What the laptop needs comes last and wins: HOST, PORT and the proxy.
 * @throws ContainerConfigError when a Secret or ConfigMap that is not optional is missing.
 */
export function containerEnvironment (options: EnvironmentOptions): Record<string, string> {
  const { pod, container, home, proxy, port } = options
  const env: Record<string, string> = {
    PATH: [...options.tools, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    TMPDIR: home,
    HOSTNAME: pod.metadata.name,
    NODE_ENV: 'production',
    LANG: 'C.UTF-8',
    // V8 keeps compiled code between starts, in Node 22 and newer.
    NODE_COMPILE_CACHE: options.compileCache,
    ...options.variables
  }
  for (const source of container.envFrom ?? []) {
    const from = source.configMapRef === undefined
      ? { kind: 'Secret' as const, ...source.secretRef }
      : { kind: 'ConfigMap' as const, ...source.configMapRef }
    const data = dataOf(options, from.kind, { name: from.name ?? '', optional: from.optional })
    for (const [key, value] of Object.entries(data ?? {})) env[`${source.prefix ?? ''}${key}`] = value
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom === undefined ? expand(variable.value ?? '', env) : valueFrom(options, variable)
    if (value !== undefined) env[variable.name] = value
  }
  env.HOST = '127.0.0.1'
  if (port !== undefined) env.PORT = String(port)
  Object.assign(env, proxyVariables(proxy))
  return env
}

/** curl reads only the lower-case http_proxy, other programs only the upper-case ones. */
function proxyVariables (proxy: string | undefined): Record<string, string> {
  if (proxy === undefined) return {}
  return { http_proxy: proxy, HTTP_PROXY: proxy, https_proxy: proxy, HTTPS_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy, no_proxy: '', NO_PROXY: '' }
}

/**
 * Replaces `$(NAME)` by a variable's value; `$$` stands for `$`, unknown names stay as they are.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expand (text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\(([A-Za-z_.-][\w.-]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : env[name] ?? whole)
}

function valueFrom (options: EnvironmentOptions, variable: Frozen<EnvVar>): string | undefined {
  const { fieldRef, secretKeyRef, configMapKeyRef, resourceFieldRef } = variable.valueFrom ?? {}
  if (fieldRef !== undefined) return field(options.pod, fieldRef.fieldPath)
  if (secretKeyRef !== undefined) return keyOf(options, 'Secret', secretKeyRef)
  if (configMapKeyRef !== undefined) return keyOf(options, 'ConfigMap', configMapKeyRef)
  if (resourceFieldRef !== undefined) return resource(options.container, resourceFieldRef.resource)
  return ''
}

function field (pod: StoredPod, path: string): string {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript !== null) {
    const from = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations
    return from?.[subscript[2] ?? ''] ?? ''
  }
  const values: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.podIP': pod.status?.podIP,
    'status.podIPs': pod.status?.podIP,
    'status.hostIP': pod.status?.hostIP,
    'status.hostIPs': pod.status?.hostIP
  }
  if (!(path in values)) throw new ContainerConfigError(`fieldPath "${path}" is not supported, expected one of ${Object.keys(values).join(', ')}`)
  return values[path] ?? ''
}

function resource (container: Frozen<Container>, name: string): string {
  const [kind, what = ''] = name.split('.')
  const from = kind === 'limits' ? container.resources?.limits : container.resources?.requests
  return String(from?.[what] ?? 0)
}

interface KeyReference {
  readonly name?: string
  readonly key: string
  readonly optional?: boolean
}

function keyOf (options: EnvironmentOptions, kind: 'Secret' | 'ConfigMap', { name = '', key, optional }: KeyReference): string | undefined {
  const data = dataOf(options, kind, { name, optional })
  const value = data?.[key]
  if (value === undefined && optional !== true) {
    throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${options.pod.metadata.namespace}/${name}`)
  }
  return value
}

function dataOf ({ store, pod }: EnvironmentOptions, kind: 'Secret' | 'ConfigMap', { name, optional }: { name: string, optional: boolean | undefined }) {
  const object = getKind(store, kind, { namespace: pod.metadata.namespace, name })
  if (object === undefined) {
    if (optional === true) return undefined
    throw new ContainerConfigError(`${kind === 'Secret' ? 'secret' : 'configmap'} "${name}" not found`)
  }
  const data: Readonly<Record<string, string>> = object.data ?? {}
  return kind === 'ConfigMap'
    ? data
    : Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}
