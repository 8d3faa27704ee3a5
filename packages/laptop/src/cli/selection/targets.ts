import { apiVersionOf, kindsNamed, preferredVersion, type Kind } from '../../resources/kinds.ts'
import { CliError } from '../command.ts'

/** A kind, and the objects of it that are meant. */
export interface Target {
  readonly kind: Kind
  /** Absent: all of the kind. */
  readonly name?: string
}

/**
 * Reads what stands on a command line: `pods`, `svc,pods`, `pod a b`, `pod/a svc/b`, `all`.
 * @throws CliError
 */
export function parseTargets (args: readonly string[]): readonly Target[] {
  const [first, ...names] = args
  if (first === undefined) {
    throw new CliError('You must specify the type of resource to get, such as pods, services, deployments, virtualservices or all')
  }
  if (args.some((arg) => arg.includes('/'))) {
    return args.map((arg) => {
      const slash = arg.indexOf('/')
      if (slash === -1) throw new CliError('there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. \'bankinfo get resource/<resource_name>\' instead of \'bankinfo get resource resource/<resource_name>\'')
      const name = arg.slice(slash + 1)
      if (name === '') throw new CliError('arguments in resource/name form may not have more than one slash, and need a name after it')
      return { kind: oneKind(arg.slice(0, slash)), name }
    })
  }
  const kinds = [...new Set(first.split(',').filter((word) => word !== '').flatMap(namedKinds))]
  if (names.length === 0) return kinds.map((kind) => ({ kind }))
  return kinds.flatMap((kind) => names.map((name) => ({ kind, name })))
}

/** @throws CliError in kubectl's words for a kind that the server does not have */
export function namedKinds (word: string): readonly Kind[] {
  const found = kindsNamed(word)
  if (found.length === 0) throw new CliError(`the server doesn't have a resource type "${word}"`)
  return found
}

export function oneKind (word: string): Kind {
  const [kind] = namedKinds(word)
  if (kind === undefined) throw new CliError(`the server doesn't have a resource type "${word}"`)
  return kind
}

/** The path of a kind's collection, or of an object in it. */
export function resourcePath (kind: Kind, { namespace, name }: { readonly namespace?: string | undefined, readonly name?: string | undefined } = {}): string {
  const root = kind.group === '' ? `/api/${preferredVersion(kind)}` : `/apis/${apiVersionOf(kind)}`
  const place = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${place}/${kind.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

/** `pod/a`, `deployment.apps/b`: how kubectl names an object. */
export function objectLabel (kind: Kind, name: string): string {
  return `${kind.singular}${kind.group === '' ? '' : `.${kind.group}`}/${name}`
}

/** `deployment.apps "b"`: how kubectl names an object that it deletes. */
export function quotedLabel (kind: Kind, name: string): string {
  return `${kind.singular}${kind.group === '' ? '' : `.${kind.group}`} "${name}"`
}
