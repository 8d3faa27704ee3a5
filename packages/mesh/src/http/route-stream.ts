/** A request on the way through its route: what filters may see of it and do to it, and what rules do to its answer. */
import { refresh, removeField, type RequestFields } from './request-fields.ts'
import { addOwnFields } from './upstream/upstream-fields.ts'
import { matchingBlock } from '../decide/decide.ts'
import { headerValue } from '../decide/match.ts'
import { change, setFields, type HeaderOperations } from '../filters/headers/headers.ts'
import type { LocalReply } from './failure.ts'
import type { Attempt } from './attempt.ts'
import type { SpanContext } from './upstream/trace-fields.ts'
import type { Peer } from '../upstream/directory.ts'
import type { RequestHead } from '../decide/match.ts'
import type { Facts } from '../filters/headers/values.ts'
import type { Stream } from '../filters/filter.ts'
import type { ProxyContext } from '../proxy/context.ts'
import type { Target } from '../proxy/target.ts'
import type { Cluster, ForwardAction, Route, RouteMatch } from '../table.ts'
import type { DownstreamRequest, DownstreamResponse } from './downstream.ts'

/** How a proxy shows itself in an exchange. */
export interface Character {
  /** The value of `server` in answers; undefined: the proxy is not seen at all (plain networking, raw TCP). */
  readonly server: string | undefined
  readonly edge: boolean
  /** `tcp`: a sidecar that sees only bytes. `none`: no proxy at all. */
  readonly direction: 'outbound' | 'gateway' | 'tcp' | 'none'
}

export interface ExchangeStart {
  readonly context: ProxyContext
  readonly character: Character
  readonly request: DownstreamRequest
  readonly response: DownstreamResponse
  readonly head: RequestHead
  readonly fields: RequestFields
  /** Where the client dialled. */
  readonly destination: Target
}

/** What has been found out about a request before its filters. */
export interface Entry {
  /** Undefined: the destination is unknown, or the route has none. */
  readonly cluster: string | undefined
  readonly headers: HeaderOperations | undefined
  readonly table: ClusterTable
}

/** An attempt whose answer nobody got, or that had none. */
export interface FailedTry {
  readonly attempt: Attempt
  readonly outcome: string
  /** Clock time. */
  readonly end: number
}

/** Clusters by name. */
export interface ClusterTable {
  readonly cluster: (name: string) => Cluster | undefined
}

export abstract class RouteStream implements Stream {
  readonly start: ExchangeStart
  readonly fields: RequestFields
  readonly startTime: number
  /** Path and query for the server. */
  path: string
  route: Route | undefined
  action: ForwardAction | undefined
  block: RouteMatch | undefined
  operations: HeaderOperations | undefined
  clusterName: string | undefined
  upstream: string | undefined
  peer: Peer | undefined
  /** The attempt that runs, or ran last. */
  current: Attempt | undefined
  /** The attempts that others followed. */
  failedTries: FailedTry[] | undefined
  /** Milliseconds that a rule had the request wait. */
  injectedDelay = 0
  /** Of the caller's proxy, where it passes trace context on. */
  span: SpanContext | undefined
  serviceTime: number | undefined
  /** Of an answer to a gRPC call, where it has one. */
  grpcStatus: number | undefined
  /** Flags that come before those of the end. */
  protected flags = ''
  private added: readonly string[] | undefined
  protected table: ClusterTable | undefined
  private hasOwnFields = false

  constructor (start: ExchangeStart) {
    this.start = start
    this.fields = start.fields
    this.startTime = start.context.clock()
    this.path = start.head.path
  }

  abstract answer (local: LocalReply): void
  abstract mirror (cluster: string): void
  abstract wait (milliseconds: number, next: () => void): void

  /** The route that the request has found, and the cluster that was drawn; undefined: there is none. */
  enter (route: Route, { cluster, headers, table }: Entry): void {
    this.route = route
    if (route.action.kind === 'forward') this.action = route.action
    this.table = table
    this.clusterName = cluster
    this.operations = headers
    if (route.filters.length === 0 && route.action.kind !== 'direct') return
    const block = matchingBlock(route, this.start.head)
    this.block = block === true ? undefined : block
  }

  get hasCluster (): boolean {
    return this.clusterName !== undefined
  }

  get head (): RequestHead {
    return this.start.head
  }

  get random (): () => number {
    return this.start.context.random
  }

  /** Names something that befell the request before its end; the log line has it first. */
  flag (name: string): void {
    this.flags = this.flags === '' ? name : `${this.flags},${name}`
  }

  setPath (path: string): void {
    const { list } = this.upstreamFields()
    list.push('x-envoy-original-path', this.path)
    this.path = path
  }

  setAuthority (authority: string): void {
    const fields = this.upstreamFields()
    removeField(fields, 'x-envoy-original-host')
    fields.list.push('x-envoy-original-host', fields.authority)
    fields.authority = authority
    const host = fields.list.indexOf('host')
    fields.list[host + 1] = authority
  }

  changeRequest (change: (list: string[], facts: Facts) => void): void {
    const fields = this.upstreamFields()
    change(fields.list, factsOf(this))
    refresh(fields)
  }

  /** The request's fields with those that this proxy adds for every attempt. */
  upstreamFields (): RequestFields {
    if (!this.hasOwnFields) addOwnFields(this)
    this.hasOwnFields = true
    return this.fields
  }

  addToAnswer (fields: readonly string[]): void {
    this.added = this.added === undefined ? fields : [...this.added, ...fields]
  }

  /** Nothing is done to the route's answers. */
  get keepsAnswer (): boolean {
    return this.operations === undefined && this.added === undefined
  }

  /** What the rule does to an answer of the route, whoever gave it. */
  changeAnswer (status: number, list: string[]): void {
    if (this.keepsAnswer) return
    const response = this.operations?.response ?? []
    change(list, response, factsOf(this, { status, list }))
    setFields(list, this.added ?? [])
    if (!list.includes('x-envoy-upstream-service-time')) this.serviceTime = undefined
  }
}

/** What values of header operations may speak of. `answer` has the fields of the answer as they are so far. */
function factsOf (stream: RouteStream, answer?: { status: number, list: readonly string[] }): Facts {
  const { start: { context, request, head, destination, character } } = stream
  return {
    requestHeader: (name) => headerValue(name, head),
    responseHeader: (name) => {
      const index = answer?.list.indexOf(name) ?? -1
      return index === -1 ? undefined : answer?.list[index + 1]
    },
    responseCode: answer?.status,
    downstreamRemoteAddress: `${character.direction === 'gateway' ? request.socket.remoteAddress ?? '' : context.ip}:${request.socket.remotePort ?? 0}`,
    downstreamLocalAddress: destination.text,
    upstreamHost: stream.upstream,
    upstreamCluster: stream.clusterName,
    routeName: stream.route?.name,
    startTime: stream.startTime
  }
}
