import { findResource, type Kind, type Subresource } from '../resources/kinds.ts'

/** What a request path of the API means. */
export interface ResourcePath {
  readonly kind: Kind
  readonly version: string
  /** Absent: all namespaces, or a kind that has none. */
  readonly namespace?: string
  /** Absent: the collection. */
  readonly name?: string
  readonly subresource?: Subresource
}

/**
 * Reads `/api/v1/...` and `/apis/GROUP/VERSION/...`; undefined when no kind or subresource is served there.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function parsePath (pathname: string): ResourcePath | undefined {
  const parts = decodeParts(pathname)
  if (parts === undefined) return undefined
  const [root, ...rest] = parts
  if (root === 'api') {
    const [version, ...resource] = rest
    return version === undefined ? undefined : parseResource(version, version, resource)
  }
  const [group, version, ...resource] = rest
  if (root !== 'apis' || group === undefined || version === undefined) return undefined
  return parseResource(`${group}/${version}`, version, resource)
}

function parseResource (apiVersion: string, version: string, parts: readonly string[]): ResourcePath | undefined {
  // /namespaces/NAME and its subresources are about the Namespace itself.
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2] ?? '')
  const [plural, name, subresource, ...extra] = inNamespace ? parts.slice(2) : parts
  if (plural === undefined || extra.length > 0) return undefined
  const kind = findResource(apiVersion, plural)
  if (kind === undefined || (inNamespace && !kind.namespaced)) return undefined
  if (!inNamespace && kind.namespaced && name !== undefined) return undefined
  const known = kind.subresources.find((one) => one === subresource)
  if (subresource !== undefined && known === undefined) return undefined
  return {
    kind,
    version,
    ...(inNamespace && parts[1] !== undefined && { namespace: parts[1] }),
    ...(name !== undefined && { name }),
    ...(known !== undefined && { subresource: known })
  }
}

function decodeParts (pathname: string): string[] | undefined {
  try {
    return pathname.split('/').filter((part) => part !== '').map(decodeURIComponent)
  } catch {
    return undefined
  }
}
