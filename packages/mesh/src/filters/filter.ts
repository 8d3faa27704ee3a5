/** What a filter is, and what it may do with the request that passes it. */
import type { Facts } from './headers/values.ts'
import type { HeaderOperations } from './headers/headers.ts'
import type { RequestHead } from '../decide/match.ts'
import type { RouteMatch } from '../table.ts'
import type { DestinationSpec, HttpRouteSpec } from '../compile/spec.ts'
import type { LocalReply } from '../http/failure.ts'

/** One request on its way through a proxy. */
export interface Stream {
  /** The request as the client sent it. */
  readonly head: RequestHead
  /** A number in [0, 1). */
  readonly random: () => number
  /** The block of the route that holds, where it has any. */
  readonly block: RouteMatch | undefined
  /** What the rule does to the fields for the destination that was drawn. */
  readonly operations: HeaderOperations | undefined
  /** Whether the destination is known; else the router will answer 503. */
  readonly hasCluster: boolean
  /** Changes the request's fields as they go upstream. */
  readonly changeRequest: (change: (list: string[], facts: Facts) => void) => void
  /** Host for the server. */
  readonly setAuthority: (authority: string) => void
  /** Path and query for the server. */
  readonly setPath: (path: string) => void
  /** Puts fields (names and values in turn) over those of the answer, after all that the rule does to it. */
  readonly addToAnswer: (fields: readonly string[]) => void
  /** Sends a copy of the request to a cluster. */
  readonly mirror: (cluster: string) => void
  /** Answers in an upstream's place; nothing behind is reached. */
  readonly answer: (reply: LocalReply) => void
  /** Adds a response flag to the log line. */
  readonly flag: (name: string) => void
  /** Goes on after some milliseconds, unless the client has gone by then. */
  readonly wait: (milliseconds: number, next: () => void) => void
}

/** Where a rule is compiled for. */
export interface FilterContext {
  /** The port that the request comes in on. */
  readonly port: number
  /** Name of the cluster of a destination. */
  readonly clusterOf: (destination: DestinationSpec) => string
}

/** One traffic feature: what it makes of a rule, does with a request, and says of itself. */
export interface HttpFilter<Config> {
  /** Plain data for the table, undefined where the rule does not use the feature. */
  readonly compile: (spec: HttpRouteSpec, context: FilterContext) => Config | undefined
  /** Calls `next` when the request may go on, or has it answered. */
  readonly decode: (config: Config, stream: Stream, next: () => void) => void
  /** Lines for a person. */
  readonly tell: (config: Config) => readonly string[]
}

/** A route that ends at the proxy: the router's answer in place of sending the request on. */
export interface DirectAnswer<Config> {
  readonly compile: (spec: HttpRouteSpec, context: FilterContext) => Config | undefined
  readonly answer: (config: Config, stream: Stream) => LocalReply
  readonly tell: (config: Config) => readonly string[]
}
