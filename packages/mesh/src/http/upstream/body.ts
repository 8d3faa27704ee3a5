/** Request bodies that may have to be sent again, with the fields behind them. RFC 9110, 6.5; RFC 9113, 8.1. */
import { Readable } from 'node:stream'
import type { DownstreamRequest } from '../downstream.ts'

/** A request's body on its way to a server. */
export interface RequestBody extends Readable {
  /** Fields behind it, names and values in turn, known when it has ended; absent: its client sends none that go on. */
  trailerFields?: () => readonly string[]
}

export interface Replay {
  /** The body for one attempt, from its first byte. */
  readonly body: () => RequestBody
  /** A copy of the whole body for a mirror. It does not hold the client up: a reader that falls too far behind is cut off. */
  readonly tee: () => RequestBody
  /** Whether all that was sent is still known. */
  readonly repeatable: () => boolean
  /** Bytes that the client has sent so far. */
  readonly received: () => number
  /** No further attempt will come. */
  readonly release: () => void
}

/** Envoy keeps this much of a request for another try (per_connection_buffer_limit_bytes), then gives up trying. */
const limit = 1024 * 1024

/** Streams a request's body to one attempt at a time, keeping a copy while it is small. */
export function createReplay (request: DownstreamRequest): Replay {
  let kept: Buffer[] | undefined = []
  let received = 0
  let ended = false
  let reader: Readable | undefined
  let copies: Readable[] = []
  const open = (read: () => void): RequestBody => {
    const stream: RequestBody = new Readable({ read })
    if (request.trailerFields !== undefined) stream.trailerFields = request.trailerFields
    return stream
  }

  request.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > limit) kept = undefined
    else kept?.push(chunk)
    for (const copy of copies) {
      copy.push(chunk)
      if (copy.readableLength > limit) copy.destroy()
    }
    if (reader === undefined || !reader.push(chunk)) request.pause()
  })
  request.on('end', () => {
    ended = true
    reader?.push(null)
    for (const copy of copies) copy.push(null)
  })
  request.on('error', () => {
    reader?.destroy()
    for (const copy of copies) copy.destroy()
  })
  request.pause()

  return {
    body: () => {
      const former = reader
      const stream = open(() => { if (reader === stream) request.resume() })
      // undici destroys the body of an attempt that fails; that must not reach the client's connection.
      stream.on('error', () => {})
      for (const chunk of kept ?? []) stream.push(chunk)
      if (ended) stream.push(null)
      reader = stream
      former?.destroy()
      return stream
    },
    tee: () => {
      const copy = open(() => {})
      copy.on('error', () => {})
      copy.on('close', () => { copies = copies.filter((other) => other !== copy) })
      for (const chunk of kept ?? []) copy.push(chunk)
      if (ended) copy.push(null)
      copies.push(copy)
      return copy
    },
    repeatable: () => kept !== undefined,
    received: () => received,
    release: () => {
      kept = undefined
      reader = undefined
      if (!ended) request.resume()
    }
  }
}
