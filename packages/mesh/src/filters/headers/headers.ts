/**
 * Header operations of a route and of its destinations. https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers
 *
 * What is set on the answer counts for every answer of the route, the proxy's own too (an abort, a timeout), so it stands with
 * the destination in the table; only the request's part is done at a place in the order.
 */
import { expand, type Facts } from './values.ts'
import type { HttpFilter, Stream } from '../filter.ts'
import type { HttpRouteSpec } from '../../compile/spec.ts'

export interface OperationsSpec { set?: Record<string, string>, add?: Record<string, string>, remove?: string[] }
export interface HeadersSpec { request?: OperationsSpec, response?: OperationsSpec }

/** Names are lower case. */
export type HeaderOperation =
  | { readonly operation: 'remove', readonly name: string }
  | { readonly operation: 'set' | 'add', readonly name: string, readonly value: string }

/** What is done for one destination (or for a route without one), in the order in which it is done. */
export interface HeaderOperations {
  readonly request: readonly HeaderOperation[]
  readonly response: readonly HeaderOperation[]
  /** New values of Host, one after the other. */
  readonly authorities: readonly string[]
}

export interface HeadersConfig {
  readonly kind: 'headers'
  readonly lines: readonly string[]
}

export const headers: HttpFilter<HeadersConfig> = { compile, decode, tell: ({ lines }) => lines }

/** What frames a message is the proxy's own business; `server` it writes over whatever stands there. */
const untouched = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'expect', 'server'])

function compile (spec: HttpRouteSpec): HeadersConfig | undefined {
  const lines = [...linesOf('route', spec.headers), ...(spec.route ?? []).flatMap(({ destination, headers }) => linesOf(`destination ${destination.subset ?? destination.host}`, headers))]
  return lines.length === 0 && spec.rewrite?.authority === undefined ? undefined : { kind: 'headers', lines }
}

function linesOf (owner: string, spec: HeadersSpec | undefined): string[] {
  return (['request', 'response'] as const).flatMap((message) => {
    const { remove = [], set = {}, add = {} } = spec?.[message] ?? {}
    const parts = [
      ...remove.map((name) => `remove ${name}`),
      ...Object.entries(set).map(([name, value]) => `set ${name}: ${value}`),
      ...Object.entries(add).map(([name, value]) => `add ${name}: ${value}`)
    ]
    return parts.length === 0 ? [] : [`headers of the ${owner}, ${message}: ${parts.join('; ')}`]
  })
}

function decode (_config: HeadersConfig, stream: Stream, next: () => void): void {
  const { operations } = stream
  // Without a cluster the router answers before it touches the request.
  if (operations !== undefined && stream.hasCluster) {
    if (operations.request.length > 0) stream.changeRequest((list, facts) => { change(list, operations.request, facts) })
    for (const authority of operations.authorities) stream.setAuthority(authority)
  }
  next()
}

/**
 * All that is done for a destination. A route's only destination has its operations joined to the route's, so the destination's
 * `set` counts; of several each is done first and the route's follow, so the route's counts (both measured).
 */
export function compileOperations (spec: HttpRouteSpec, destination?: HeadersSpec): HeaderOperations | undefined {
  const single = (spec.route ?? []).length <= 1
  const inTurn = (message: 'request' | 'response'): HeaderOperation[] => {
    const [route, own] = [spec.headers?.[message], destination?.[message]]
    return single ? operationsOf([route, own]) : [...operationsOf([own]), ...operationsOf([route])]
  }
  const ofRoute = spec.rewrite?.authority ?? authorityOf(spec.headers)
  const ofDestination = authorityOf(destination)
  const authorities = single ? [ofRoute ?? ofDestination] : [ofDestination, ofRoute]
  const operations: HeaderOperations = { request: inTurn('request'), response: inTurn('response'), authorities: authorities.filter((authority) => authority !== undefined) }
  return operations.request.length + operations.response.length + operations.authorities.length === 0 ? undefined : operations
}

/** Removing comes first, then setting, then adding. Host and pseudo-headers are no fields here. */
function operationsOf (specs: ReadonlyArray<OperationsSpec | undefined>): HeaderOperation[] {
  const counts = (name: string): boolean => !name.startsWith(':') && name !== 'host' && !untouched.has(name)
  const named = (operation: 'set' | 'add'): HeaderOperation[] => specs
    .flatMap((spec) => Object.entries(spec?.[operation] ?? {}))
    .map(([name, value]) => ({ operation, name: name.toLowerCase(), value }))
  const removed = specs.flatMap((spec) => spec?.remove ?? []).map((name): HeaderOperation => ({ operation: 'remove', name: name.toLowerCase() }))
  return [...removed, ...named('set'), ...named('add')].filter(({ name }) => counts(name))
}

function authorityOf (spec: HeadersSpec | undefined): string | undefined {
  const { set = {}, add = {} } = spec?.request ?? {}
  return [...Object.entries(set), ...Object.entries(add)].find(([name]) => ['host', ':authority'].includes(name.toLowerCase()))?.[1]
}

/**
 * Does operations to fields: names in lower case and values in turn. Values speak of the fields as they are once some have been
 * removed, and a value that comes to nothing changes nothing (both measured).
 */
export function change (list: string[], operations: readonly HeaderOperation[], facts: Facts): void {
  let at = 0
  while (at < operations.length) {
    for (; operations[at]?.operation === 'remove'; at++) remove(list, operations[at]?.name ?? '')
    const written: Array<readonly [operation: 'set' | 'add', name: string, value: string]> = []
    for (let operation = operations[at]; operation !== undefined && operation.operation !== 'remove'; operation = operations[at]) {
      // What is set after something was added belongs to who comes next.
      if (operation.operation === 'set' && written.at(-1)?.[0] === 'add') break
      written.push([operation.operation, operation.name, expand(operation.value, facts)])
      at++
    }
    for (const [operation, name, value] of written) {
      if (value === '') continue
      if (operation === 'set') remove(list, name)
      list.push(name, value)
    }
  }
}

/** Writes fields over those of the same names. */
export function setFields (list: string[], fields: readonly string[]): void {
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    remove(list, name)
    list.push(name, fields[index + 1] ?? '')
  }
}

function remove (list: string[], name: string): void {
  for (let index = list.length - 2; index >= 0; index -= 2) if (list[index] === name) list.splice(index, 2)
}
