/** A request on its way through the filters of its route, which are asked what they would do to it, and send nothing. */
import { matchingBlock } from '../decide/decide.ts'
import { headerValue, type RequestHead } from '../decide/match.ts'
import { change, setFields, type HeaderOperations } from '../filters/headers/headers.ts'
import type { Facts } from '../filters/headers/values.ts'
import type { Stream } from '../filters/filter.ts'
import type { LocalReply } from '../http/failure.ts'
import type { Route } from '../table.ts'

export interface RecordedStream {
  readonly stream: Stream
  /** What the server would be sent, so far; `headers` are names and values in turn, without Host. */
  readonly sent: { readonly path: string, readonly authority: string, readonly headers: readonly string[] }
  /** What a filter has answered. */
  readonly local: () => LocalReply | undefined
  /** The fields of an answer of the route, after what the rule does to them. */
  readonly changeAnswer: (status: number, headers: readonly string[]) => readonly string[]
}

export function recordStream (head: RequestHead, { route, operations, hasCluster }: { readonly route: Route, readonly operations: HeaderOperations | undefined, readonly hasCluster: boolean }): RecordedStream {
  const sent = { path: head.path, authority: head.authority, headers: withoutHost(head) }
  let local: LocalReply | undefined
  let added: readonly string[] = []
  const block = matchingBlock(route, head)
  const facts = (status?: number, list: readonly string[] = []): Facts => ({
    requestHeader: (name) => headerValue(name, head),
    responseHeader: (name) => valueOf(list, name),
    responseCode: status,
    downstreamRemoteAddress: '',
    downstreamLocalAddress: '',
    upstreamHost: undefined,
    upstreamCluster: undefined,
    routeName: route.name,
    startTime: 0
  })
  const stream: Stream = {
    head,
    random: () => 0,
    block: block === true ? undefined : block,
    operations,
    hasCluster,
    changeRequest: (apply) => { apply(sent.headers, facts()) },
    setAuthority: (authority) => {
      setFields(sent.headers, ['x-envoy-original-host', sent.authority])
      sent.authority = authority
    },
    setPath: (path) => {
      setFields(sent.headers, ['x-envoy-original-path', sent.path])
      sent.path = path
    },
    addToAnswer: (fields) => { added = [...added, ...fields] },
    mirror: () => {},
    answer: (reply) => { local = reply },
    flag: () => {},
    wait: (_milliseconds, next) => { next() }
  }
  const changeAnswer = (status: number, headers: readonly string[]): readonly string[] => {
    const list = [...headers]
    change(list, operations?.response ?? [], facts(status, list))
    setFields(list, added)
    return list
  }
  return { stream, sent, local: () => local, changeAnswer }
}

export function withoutHost ({ headers }: RequestHead): string[] {
  const list: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (name !== 'host') list.push(name, headers[index + 1] ?? '')
  }
  return list
}

function valueOf (list: readonly string[], name: string): string | undefined {
  for (let index = 0; index < list.length; index += 2) if (list[index] === name) return list[index + 1]
  return undefined
}
