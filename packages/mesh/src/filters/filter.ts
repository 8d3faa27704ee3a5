/** What a filter is, and what it may do with the request that passes it. */
import type { RequestHead } from '../decide/match.ts'
import type { HttpRouteSpec } from '../compile/spec.ts'
import type { LocalReply } from '../http/failure.ts'

/** One request on its way through a proxy. */
export interface Stream {
  /** The request as the client sent it. */
  readonly head: RequestHead
  /** A number in [0, 1). */
  readonly random: () => number
  /** Answers in an upstream's place; nothing behind is reached. */
  readonly answer: (reply: LocalReply) => void
  /** Adds a response flag to the log line. */
  readonly flag: (name: string) => void
  /** Goes on after some milliseconds, unless the client has gone by then. */
  readonly wait: (milliseconds: number, next: () => void) => void
}

/** One traffic feature: what it makes of a rule, does with a request, and says of itself. */
export interface HttpFilter<Config> {
  /** Plain data for the table, undefined where the rule does not use the feature. */
  readonly compile: (spec: HttpRouteSpec) => Config | undefined
  /** Calls `next` when the request may go on, or has it answered. */
  readonly decode: (config: Config, stream: Stream, next: () => void) => void
  /** Lines for a person. */
  readonly tell: (config: Config) => readonly string[]
}
