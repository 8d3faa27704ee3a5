/**
 * One try of an exchange: the request sent to one peer, the answer passed on, and the part of the server's own proxy. It is
 * a class because undici calls it back once per event, with no closure per request.
 * https://undici.nodejs.org/#/docs/api/Dispatcher.md (Dispatcher.dispatch)
 */
import { writeHead } from './downstream.ts'
import { flushSoon } from './head-flush.ts'
import { failureOf, failureReply, overflow, replyFields, type Failure, type LocalReply } from './failure.ts'
import { stampOf } from './upstream/stamp.ts'
import { speaksHttp2 } from './upstream/protocol.ts'
import { responseFields } from './upstream/response-fields.ts'
import { backOff, inboundRetries } from '../filters/retry.ts'
import { answerTo, countedStatus, grpcStatusIn } from '../filters/grpc-status.ts'
import { joinUpgraded } from '../tunnel/upgraded.ts'
import type { RequestBody } from './upstream/body.ts'
import type { Sender } from './upstream/sender.ts'
import type { SpanContext } from './upstream/trace-fields.ts'
import { admit, type Entry, type Gate, type Limits } from '../upstream/connection-pool.ts'
import { countRefused, countStatus } from '../upstream/counters.ts'
import { report } from '../upstream/outlier-detection.ts'
import type { Host, Pool } from '../upstream/balancer.ts'
import type { Peer } from '../upstream/directory.ts'
import type { Dispatcher } from 'undici'
import type { Duplex } from 'node:stream'

/** Of an answer that nobody wants so many bytes are read, so that the connection can be used again; one that is longer is broken off. */
const maxDiscarded = 64 * 1024

export class Attempt implements Dispatcher.DispatchHandler {
  readonly peer: Peer
  readonly sender: Sender
  readonly startTime: number
  /** Of the server's proxy, where trace context is passed on. */
  span: SpanContext | undefined
  inboundTries = 0
  bytesReceived = 0
  private readonly host: Host | undefined
  private readonly pool: Pool | undefined
  private releases: Array<() => void> | undefined
  private abort: ((error?: Error) => void) | undefined
  private resume: (() => void) | undefined
  private status = 0
  private expected = -1
  private ended = false
  private last = false
  private discarded = false
  /** Whether the server is spoken to in HTTP/2. */
  http2 = false
  private fields: string[] = []
  private body: RequestBody | null = null
  private timer: NodeJS.Timeout | undefined

  constructor (sender: Sender, peer: Peer, { host, pool }: { host: Host | undefined, pool: Pool | undefined }) {
    this.sender = sender
    this.peer = peer
    this.host = host
    this.pool = pool
    this.startTime = sender.start.context.clock()
    if (host !== undefined) {
      host.active++
      host.total++
    }
  }

  send (fields: string[], body: RequestBody | null): void {
    this.fields = fields
    this.body = body
    const limits = this.pool?.cluster.limits
    if (limits === undefined || this.pool === undefined || this.host === undefined) this.dispatch(false)
    else this.enter(this.pool.gate, limits, { go: (last) => { this.dispatch(last) }, refuse: () => { this.overflow() } })
  }

  private enter (gate: Gate, limits: Limits, { go, refuse }: Pick<Entry, 'go' | 'refuse'>): void {
    const release = admit(gate, { limits, endpoint: this.peer.virtual, go, refuse })
    if (release === undefined) refuse()
    else if (this.ended) release()
    else (this.releases ??= []).push(release)
  }

  private overflow (): void {
    this.end()
    this.body?.destroy()
    this.sender.settle(this, { kind: 'overflow' })
  }

  /** The time is up before an answer: that counts as a failure of the endpoint. */
  timeOut (): void {
    if (!this.ended && this.status === 0) this.judge(504, true)
    this.cancel()
  }

  /** Counts what came of it; `local`: there was no answer. */
  private judge (status: number, local = false): void {
    const { host, pool } = this
    if (host === undefined || pool === undefined) return
    const { gate: { counters }, cluster: { outlierDetection: policy } } = pool
    if (!local) countStatus(counters, status)
    const { start, grpcStatus } = this.sender
    if (policy !== undefined) report(policy, { health: host.health, all: pool.hosts.map(({ health }) => health), status: local ? status : countedStatus(status, grpcStatus), local, now: start.context.clock(), counters })
  }

  /** The client is gone, or the time is up: the server's proxy sees its client hang up. */
  cancel (): void {
    if (this.ended) return
    this.end()
    clearTimeout(this.timer)
    if (this.inboundTries > 0) this.recordInbound({ status: this.status, flags: 'DC', details: 'downstream_remote_disconnect' })
    this.abort?.()
  }

  onConnect (abort: (error?: Error) => void): void {
    if (this.ended) abort()
    else this.abort = abort
  }

  onHeaders (status: number, raw: ReadonlyArray<Buffer | string>, resume: () => void): boolean {
    if (this.ended || status < 200) return true
    const { start } = this.sender
    this.status = status
    this.resume = resume
    const fields = responseFields(raw, stampOf(this))
    if (this.sender.fields.grpc) this.sender.grpcStatus = grpcStatusIn(fields)
    this.judge(status)
    if (this.sender.discards(status, fields)) {
      this.sender.serviceTime = undefined
      this.discarded = true
      return true
    }
    const length = fields.indexOf('content-length')
    if (length !== -1) this.expected = Number(fields[length + 1])
    this.sender.changeAnswer(status, fields)
    for (const line of this.sender.setCookies ?? []) fields.push('set-cookie', line)
    writeHead(start.response, status, fields)
    flushSoon(this)
    return true
  }

  /** Sends the head alone where the body keeps the client waiting, as an event stream's does. */
  flush (): void {
    if (!this.ended && this.bytesReceived === 0) this.sender.start.response.flushHeaders()
  }

  /** 101: from here on it is bytes. The route's timeout does not end them. */
  onUpgrade (status: number, raw: Buffer[] | null, socket: Duplex): void {
    if (this.ended) {
      socket.destroy()
      return
    }
    const { request, character } = this.sender.start
    const server = character.server ?? (this.peer.inbound?.http === true ? 'istio-envoy' : undefined)
    const fields = responseFields(raw ?? [], { server, serviceTime: undefined, operation: undefined })
    this.sender.changeAnswer(status, fields)
    fields.push('connection', 'Upgrade', 'upgrade', this.sender.start.fields.upgrade ?? '')
    this.status = status
    this.sender.switched()
    joinUpgraded(request.socket, socket, { status, fields }, (byClient) => {
      this.end()
      const [flags, details] = byClient ? ['DC', 'downstream_remote_disconnect'] : ['-', 'via_upstream']
      this.recordInbound({ status, flags, details })
      this.sender.settle(this, { kind: 'done', status, flags, details })
    })
  }

  onData (chunk: Buffer): boolean {
    this.bytesReceived += chunk.length
    if (this.discarded && this.bytesReceived > maxDiscarded) this.cancel()
    if (this.discarded || this.ended) return true
    const { response } = this.sender.start
    this.sender.bytesSent += chunk.length
    // Head and a small body leave in one write.
    if (chunk.length === this.expected) {
      response.end(chunk)
      return true
    }
    if (response.write(chunk)) return true
    response.once('drain', () => { this.resume?.() })
    return false
  }

  onComplete (trailers?: readonly unknown[] | null): void {
    if (this.ended) return
    if (this.sender.fields.grpc) this.sender.grpcStatus ??= grpcStatusIn((trailers ?? []).map(String))
    if (this.http2 && !this.discarded && Array.isArray(trailers)) this.sender.start.response.setTrailers?.(trailers.map(String))
    this.end()
    this.recordInbound({ status: this.status, flags: '-', details: 'via_upstream' })
    if (this.discarded) return
    const { response } = this.sender.start
    if (!response.writableEnded) response.end()
    this.sender.settle(this, { kind: 'done', status: this.status, flags: this.sender.flagsOf(), details: 'via_upstream' })
  }

  onError (error: Error): void {
    if (this.ended) return
    if (this.status !== 0) {
      this.end()
      const failure = failureOf(error)
      const [flags, reason] = failure === 'remote' || failure === 'refused' ? ['UR', 'remote_reset'] : ['UPE', 'protocol_error']
      const details = `upstream_reset_after_response_started{${reason}}`
      this.recordInbound({ status: this.status, flags, details })
      if (!this.discarded) this.sender.settle(this, { kind: 'broken', status: this.status, flags, details })
      return
    }
    this.fail(failureOf(error))
  }

  /** The server's own proxy has limits of its own. */
  private dispatch (last: boolean): void {
    if (this.pool !== undefined) this.pool.gate.counters.upstream_rq_total++
    const limits = this.peer.inbound?.limits
    if (limits === undefined) {
      // Before a server's own proxy the connection that ends is one between the two proxies.
      this.connect(last && this.peer.inbound === undefined)
      return
    }
    const gate = this.sender.start.context.inboundGate(this.peer.virtual)
    this.enter(gate, limits, { go: (lastOfServer) => { this.connect(lastOfServer) }, refuse: () => { this.failInbound(overflow) } })
  }

  /** `last` closes the connection behind the request. */
  private connect (last: boolean): void {
    const { context, head, fields } = this.sender.start
    if (this.inboundTries++ === 0 && this.peer.inbound?.http === true) context.inboundGate(this.peer.virtual).counters.upstream_rq_total++
    this.last = last
    const { address } = this.peer
    if (address === undefined) {
      this.fail('connect')
      return
    }
    if (fields.upgrade === undefined && speaksHttp2(this.peer, this.pool?.cluster, this.sender.start.response.isHttp2 === true)) {
      this.http2 = true
      const headers = fields.grpc ? [...this.fields, 'te', 'trailers'] : this.fields
      context.pools.getHttp2(address, this.pool?.cluster.connection).dispatch({ path: this.sender.path, method: head.method as Dispatcher.HttpMethod, headers, body: this.body, reset: last }, this)
      return
    }
    try {
      const options: Dispatcher.DispatchOptions = { path: this.sender.path, method: head.method as Dispatcher.HttpMethod, headers: this.fields, body: this.body }
      if (last) options.reset = true
      if (fields.upgrade !== undefined) options.upgrade = fields.upgrade
      context.pools.get(address, this.pool?.cluster.connection).dispatch(options, this)
    } catch (error) {
      this.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private fail (failure: Failure): void {
    if (this.peer.inbound?.http !== true) {
      this.judge(503, true)
      if (failure === 'connect' && this.pool !== undefined) countRefused(this.pool.gate.counters)
      this.end()
      this.sender.settle(this, { kind: 'failed', failure })
      return
    }
    const { context } = this.sender.start
    const { counters } = context.inboundGate(this.peer.virtual)
    if (failure === 'connect') countRefused(counters)
    if (failure === 'connect' && this.inboundTries <= inboundRetries.attempts) {
      counters.upstream_rq_retry++
      this.timer = setTimeout(() => { if (!this.ended) this.connect(this.last) }, backOff(this.inboundTries, inboundRetries.backOff, context.random))
      return
    }
    this.failInbound(failureReply(failure, this.inboundTries > 1))
  }

  private failInbound (local: LocalReply): void {
    this.end()
    const answer = answerTo(this.sender, local)
    this.judge(answer.status)
    this.recordInbound({ ...answer, counted: local.status })
    this.passLocal(answer)
  }

  /** The answer of the server's own proxy: for the caller's it is an answer like any other. */
  private passLocal (local: LocalReply): void {
    const { sender } = this
    const fields = replyFields(local)
    if (sender.discards(local.status, fields)) return
    const { serviceTime, operation, server } = stampOf(this)
    if (server !== undefined) fields.push('server', server)
    if (serviceTime !== undefined) fields.push('x-envoy-upstream-service-time', String(serviceTime))
    if (operation !== undefined) fields.push('x-envoy-decorator-operation', operation)
    sender.changeAnswer(local.status, fields)
    writeHead(sender.start.response, local.status, fields)
    sender.start.response.end(local.body)
    sender.bytesSent += local.body.length
    sender.settle(this, { kind: 'done', status: local.status, flags: sender.flagsOf(), details: 'via_upstream' })
  }

  private end (): void {
    this.ended = true
    if (this.host !== undefined) this.host.active--
    if (this.releases !== undefined) for (const release of this.releases) release()
  }

  private recordInbound ({ status, counted = status, flags, details }: { status: number, counted?: number, flags: string, details: string }): void {
    if (this.peer.inbound?.http !== true) return
    const { context } = this.sender.start
    if (counted !== 0) countStatus(context.inboundGate(this.peer.virtual).counters, counted)
    if (context.onAccess !== undefined) context.onAccess(context.inboundRecord(this, { status, flags, details }))
  }
}
