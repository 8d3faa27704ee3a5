/**
 * One HTTP request through a proxy: attempts, time limits and the answer. The order is Envoy's router's: route timeout around
 * all attempts, a limit per try inside it, the load balancer in each attempt, then the server's own proxy.
 */
import { Attempt } from './attempt.ts'
import type { Outcome } from './upstream/sender.ts'
import { createReplay, type Replay } from './upstream/body.ts'
import { hashOf } from '../upstream/consistent-hash.ts'
import { pickHost, type Host, type Pool } from '../upstream/balancer.ts'
import { countStatus } from '../upstream/counters.ts'
import { reply, reset } from './downstream.ts'
import { failureReply, overflow, replies, type LocalReply } from './failure.ts'
import { grpcTimeout } from './grpc-timeout.ts'
import { hashedRequest } from './hashed.ts'
import { RouteStream, type ExchangeStart } from './route-stream.ts'
import { sanitizeEdge } from './request-fields.ts'
import { sendMirrored } from './upstream/mirrored.ts'
import { attemptFields } from './upstream/upstream-fields.ts'
import { traceAttempt } from './upstream/trace-fields.ts'
import { backOff, noRetries, retriesAnswer, retriesFailure } from '../filters/retry.ts'
import { answerTo } from '../filters/grpc-status.ts'
import type { Peer } from '../upstream/directory.ts'
import type { ForwardAction, RetryPolicy } from '../table.ts'

const noHosts: readonly Host[] = []
let calls = 0

export class Exchange extends RouteStream {
  /** Number of the request, for all lines that are written of it on this hop. */
  readonly call = ++calls
  attempts = 0
  bytesSent = 0
  private pool: Pool | undefined
  private direct: Peer | undefined
  private retries: RetryPolicy = noRetries
  private tried: Host[] | undefined
  private hash: { readonly number: bigint | undefined } | undefined
  setCookies: string[] | undefined
  private replay: Replay | undefined
  private routeTimer: NodeJS.Timeout | undefined
  private tryTimer: NodeJS.Timeout | undefined
  private backOffTimer: NodeJS.Timeout | undefined
  private finished = false
  /** The last answer was one that the rule would have tried again. */
  private unwanted = false
  /** One of the retries that the cluster may have at once. */
  private holdsRetry = false
  /** How many of the fields are those of every attempt; -1 before the first. */
  baseFields = -1

  constructor (start: ExchangeStart) {
    super(start)
    if (start.character.edge) sanitizeEdge(start.fields)
    if (start.fields.contentLength !== 0) this.replay = createReplay(start.request)
    start.response.on('close', () => { this.onDownstreamClose() })
  }

  wait (milliseconds: number, next: () => void): void {
    this.injectedDelay += milliseconds
    this.backOffTimer = setTimeout(next, milliseconds)
  }

  /** Bytes of the request's body that have come. */
  requestBytes (): number {
    return this.replay?.received() ?? 0
  }

  /** Sends the request to a cluster's endpoints. */
  forward (action: ForwardAction, pool: Pool): void {
    this.pool = pool
    this.retries = action.retries
    const timeout = this.fields.grpc ? grpcTimeout(this.fields.list, action.timeout) : action.timeout
    if (timeout > 0) this.startTimeout(timeout)
    this.attempt()
  }

  /** Sends the request where the client dialled; undefined: the name did not resolve. */
  forwardTo (peer: Peer | undefined, clusterName: string | undefined): void {
    this.clusterName = clusterName
    this.direct = peer
    if (peer === undefined) this.answer(replies.unresolved)
    else this.attempt()
  }

  /** Sends the request to an endpoint as the bytes that it is. */
  forwardRaw (pool: Pool): void {
    this.pool = pool
    this.clusterName = pool.cluster.name
    this.attempt()
  }

  /** Ends the connection without an answer. */
  drop (flags: string): void {
    if (this.finished) return
    this.finish(0, flags, '')
    reset(this.start.request)
  }

  answer (local: LocalReply): void {
    if (this.finished) return
    const { response, character } = this.start
    // Answers in an upstream's place count as the cluster's; what filters answer does not get this far.
    if (this.pool !== undefined) countStatus(this.pool.gate.counters, local.status)
    // Without a proxy that reads HTTP there is nobody to answer: the connection ends, as a refused one does.
    if (character.server === undefined && local.flags !== 'DF') {
      this.drop(local.flags)
      return
    }
    const { status, body, headers } = answerTo(this, local)
    reply(response, status, body, {
      ...(character.server === undefined ? {} : { server: character.server }),
      ...(headers === undefined ? {} : { headers }),
      ...(this.keepsAnswer || local.untouched === true ? {} : { change: (list: string[]) => { this.changeAnswer(status, list) } })
    })
    this.finish(status, local.flags, local.details)
    // What is left of the request is read and thrown away, so that the connection can be used again.
    this.start.request.resume()
  }

  /** What an attempt has come to. */
  settle (attempt: Attempt, outcome: Outcome): void {
    if (attempt !== this.current || this.finished) return
    clearTimeout(this.tryTimer)
    switch (outcome.kind) {
      case 'overflow':
        this.answer(overflow)
        return
      case 'failed':
        if (retriesFailure(this.retries.conditions, outcome.failure) && this.mayRetry()) this.retry(outcome.failure)
        else this.answer(failureReply(outcome.failure, this.attempts > 1))
        return
      case 'done':
        if (this.attempts > 1 && outcome.flags === '-' && this.pool !== undefined) this.pool.gate.counters.upstream_rq_retry_success++
        this.finish(outcome.status, outcome.flags, outcome.details)
        return
      case 'broken':
        this.finish(outcome.status, outcome.flags, outcome.details)
        this.start.response.destroy()
    }
  }

  /** Whether an answer of this status is thrown away, because another try follows. */
  discards (status: number, fields: readonly string[]): boolean {
    this.unwanted = this.retries.attempts > 0 && retriesAnswer(this.retries, status, fields)
    if (!this.unwanted || !this.mayRetry()) return false
    this.retry(String(status))
    return true
  }

  mirror (name: string): void {
    const cluster = this.table?.cluster(name)
    if (cluster !== undefined) sendMirrored(this, this.start.context.poolFor(cluster), this.replay?.tee() ?? null)
  }

  /** Flags of an answer that goes to the client: URX when the tries are used up and it is still not what was hoped for. */
  flagsOf (): string {
    return this.unwanted && this.attempts > this.retries.attempts ? 'URX' : '-'
  }

  /** The connection speaks another protocol: no time limit counts any more. */
  switched (): void {
    clearTimeout(this.routeTimer)
    clearTimeout(this.tryTimer)
  }

  private retry (outcome: string): void {
    clearTimeout(this.tryTimer)
    if (this.current !== undefined) (this.failedTries ??= []).push({ attempt: this.current, outcome, end: this.start.context.clock() })
    this.current = undefined
    if (this.pool !== undefined && !this.holdsRetry) {
      this.holdsRetry = true
      this.pool.gate.retries++
    }
    if (this.pool !== undefined) {
      this.pool.gate.counters.upstream_rq_retry++
      this.pool.gate.counters.upstream_rq_retry_backoff_exponential++
    }
    this.backOffTimer = setTimeout(() => { this.attempt() }, backOff(this.attempts, this.retries.backOff, this.start.context.random))
  }

  private mayRetry (): boolean {
    if (this.replay?.repeatable() === false) return false
    const counters = this.pool?.gate.counters
    if (this.attempts > this.retries.attempts) {
      if (counters !== undefined && this.retries.attempts > 0) counters.upstream_rq_retry_limit_exceeded++
      return false
    }
    const limits = this.pool?.cluster.limits
    if (limits === undefined || this.pool === undefined || this.holdsRetry || this.pool.gate.retries < limits.maxRetries) return true
    this.flag('UO')
    this.pool.gate.counters.upstream_rq_retry_overflow++
    return false
  }

  private attempt (): void {
    if (this.finished) return
    this.attempts++
    const host = this.pool === undefined ? undefined : pickHost(this.pool, this.tried ?? noHosts, this.start.context, this.hashFor(this.pool))
    if (this.pool !== undefined && host === undefined && this.pool.cluster.discovery !== 'ORIGINAL_DST') {
      this.answer(replies.noHealthyUpstream)
      return
    }
    if (host !== undefined && this.retries.attempts > 0 && this.avoidsTried) {
      if (this.tried === undefined) this.tried = [host]
      else this.tried.push(host)
    }
    const peer = this.direct ?? this.peerOf(host)
    if (peer instanceof Promise) peer.then((found) => { this.sendTo(found, host) }, () => { this.sendTo(undefined, host) })
    else this.sendTo(peer, host)
  }

  /** Among several destinations the hash of one is not looked at, as in Istio. */
  private get avoidsTried (): boolean {
    const { avoidsTried } = this.retries
    return avoidsTried === 'unhashed' ? this.pool?.cluster.hash === undefined || (this.action?.clusters.length ?? 0) > 1 : avoidsTried
  }

  /** What the request is known by where the cluster's balancer asks for it, the same for each attempt. */
  private hashFor ({ cluster: { hash } }: Pool): bigint | undefined {
    if (hash?.key === undefined) return undefined
    this.hash ??= { number: hashOf(hash.key, hashedRequest(this, (line) => { (this.setCookies ??= []).push(line) })) }
    return this.hash.number
  }

  private peerOf (host: Host | undefined): Peer | undefined | Promise<Peer | undefined> {
    const { context, destination } = this.start
    const { directory, namespace } = context
    if (host !== undefined) return directory.dialEndpoint(host, namespace)
    return directory.dial(destination.host, destination.port, namespace)
  }

  private sendTo (peer: Peer | undefined, host: Host | undefined): void {
    if (this.finished) return
    if (peer === undefined) {
      this.answer(this.pool === undefined ? replies.unresolved : replies.noHealthyUpstream)
      return
    }
    this.upstream = peer.virtual
    this.peer = peer
    const attempt = new Attempt(this, peer, { host, pool: this.pool })
    this.current = attempt
    if (this.retries.perTryTimeout !== undefined && this.retries.perTryTimeout > 0) {
      this.tryTimer = setTimeout(() => { this.onTryTimeout() }, this.retries.perTryTimeout)
    }
    const fields = attemptFields(this, peer)
    if (this.start.context.telemetry?.propagates === true) traceAttempt(this, attempt, fields)
    attempt.send(fields, this.replay?.body() ?? null)
  }

  /** Runs from the end of the request, as Envoy's does. */
  private startTimeout (timeout: number): void {
    const begin = (): void => {
      if (!this.finished) this.routeTimer = setTimeout(() => { this.onTimeout() }, timeout)
    }
    if (this.replay === undefined) begin()
    else this.start.request.once('end', begin)
  }

  private onTimeout (): void {
    if (this.pool !== undefined && !this.start.response.headersSent) this.pool.gate.counters.upstream_rq_timeout++
    this.current?.timeOut()
    if (this.start.response.headersSent) {
      this.finish(this.start.response.statusCode, 'UT', 'response_timeout')
      this.start.response.destroy()
    } else {
      this.answer(replies.timeout)
    }
  }

  private onTryTimeout (): void {
    if (this.finished || this.start.response.headersSent) return
    if (this.pool !== undefined) this.pool.gate.counters.upstream_rq_per_try_timeout++
    this.current?.timeOut()
    if (retriesFailure(this.retries.conditions, 'timeout') && this.mayRetry()) this.retry('timeout')
    else this.answer(this.attempts > 1 ? { ...replies.perTryTimeout, flags: 'URX,UT' } : replies.perTryTimeout)
  }

  private onDownstreamClose (): void {
    if (this.finished) return
    this.current?.cancel()
    const { headersSent, statusCode } = this.start.response
    this.finish(headersSent ? statusCode : 0, 'DC', 'downstream_remote_disconnect')
  }

  private finish (status: number, flags: string, details: string): void {
    if (this.finished) return
    this.finished = true
    clearTimeout(this.routeTimer)
    clearTimeout(this.tryTimer)
    clearTimeout(this.backOffTimer)
    this.replay?.release()
    if (this.holdsRetry && this.pool !== undefined) this.pool.gate.retries--
    const { context, character } = this.start
    if (context.onAccess === undefined || character.direction === 'none') return
    const record = character.direction === 'tcp' ? context.tcpRecord : context.outboundRecord
    const all = this.flags === '' ? flags : flags === '-' ? this.flags : `${this.flags},${flags}`
    context.onAccess(record(this, { status, flags: all, details }))
  }
}
