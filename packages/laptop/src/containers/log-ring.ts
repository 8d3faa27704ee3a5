/** One line that a container wrote. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly text: string
}

export interface LogRing {
  /** Takes output as it comes; lines may be torn anywhere. */
  write(chunk: string): void
  lines(): readonly LogLine[]
  /** Calls the listener for each line from now on, and once with undefined at the end. */
  follow(listener: (line: LogLine | undefined) => void): () => void
  /** The container has ended: an unfinished last line is kept as it is. */
  end(): void
  readonly ended: boolean
}

/** Keeps the newest output of a container, at most `limit` characters of it, as the kubelet keeps the newest log file. */
export function createLogRing (limit = 1_000_000): LogRing {
  let kept: LogLine[] = []
  let size = 0
  let rest = ''
  let ended = false
  const listeners = new Set<(line: LogLine | undefined) => void>()
  const add = (text: string): void => {
    const line = { time: Date.now(), text }
    kept.push(line)
    size += text.length
    if (size > limit) drop()
    for (const listener of listeners) listener(line)
  }
  const drop = (): void => {
    let index = 0
    // Half at once: one by one would move the whole list with each new line.
    while (size > limit / 2 && index < kept.length - 1) size -= kept[index++]?.text.length ?? 0
    kept = kept.slice(index)
  }
  return {
    write: (chunk) => {
      if (ended) return
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) add(part)
      // A line without an end must not grow for ever.
      if (rest.length > limit / 2) {
        add(rest)
        rest = ''
      }
    },
    lines: () => kept,
    follow: (listener) => {
      if (ended) listener(undefined)
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
    end: () => {
      if (ended) return
      if (rest !== '') add(rest)
      rest = ''
      ended = true
      for (const listener of listeners) listener(undefined)
      listeners.clear()
    },
    get ended () { return ended }
  }
}

export interface LogOptions {
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly follow?: boolean
  readonly timestamps?: boolean
  /** Ends a log that is followed. */
  readonly signal?: AbortSignal
}

/** A ring's lines as the API's `log` subresource sends them. */
export async function * readLog (ring: LogRing, options: LogOptions): AsyncIterable<Buffer> {
  const oldest = options.sinceSeconds === undefined ? 0 : Date.now() - options.sinceSeconds * 1000
  const waiting: (LogLine | undefined)[] = []
  let wake = () => {}
  const recent = ring.lines().filter(({ time }) => time >= oldest)
  const first = options.tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - options.tailLines))
  const stop = options.follow === true
    ? ring.follow((line) => {
      waiting.push(line)
      wake()
    })
    : undefined
  const abort = (): void => {
    waiting.push(undefined)
    wake()
  }
  options.signal?.addEventListener('abort', abort)
  try {
    if (first.length > 0) yield Buffer.from(first.map((line) => format(line, options)).join(''))
    while (options.follow === true) {
      if (waiting.length === 0) await new Promise<void>((resolve) => { wake = resolve })
      const lines = waiting.splice(0)
      const text = lines.flatMap((line) => line === undefined ? [] : [format(line, options)]).join('')
      if (text !== '') yield Buffer.from(text)
      if (lines.includes(undefined)) return
    }
  } finally {
    stop?.()
    options.signal?.removeEventListener('abort', abort)
  }
}

function format ({ time, text }: LogLine, { timestamps }: LogOptions): string {
  return timestamps === true ? `${new Date(time).toISOString()} ${text}\n` : `${text}\n`
}
