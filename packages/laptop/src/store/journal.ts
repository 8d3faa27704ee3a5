import { open, mkdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from './errors.ts'
import type { StoredObject } from './store.ts'

/** One line of the journal. */
export type JournalRecord =
  | { readonly put: StoredObject }
  | { readonly delete: readonly [kindKey: string, namespace: string, name: string], readonly at: string }
  /** Resource versions up to here may have been seen by somebody, although no object on disk has them. */
  | { readonly reserve: number }

export interface Journal {
  readonly path: string
  /** What was on disk when the journal was opened, oldest first. */
  readonly records: readonly JournalRecord[]
  /** Puts records into the place of all that came before: a new file, synced, renamed over the old one. */
  compact(records: readonly JournalRecord[]): Promise<void>
  /**
   * Appends one record; resolves when it is on disk. Records that arrive while the disk is busy share its next sync.
   * If the disk refuses, `undo` of every record not yet on disk is called, newest first, before the promises reject.
   */
  append(record: JournalRecord, undo: () => void): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly line: string
  readonly undo: () => void
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const format = { journal: 'bankinfo', version: 1 }

/**
 * Opens or creates a journal of JSON lines. A last line that is torn (the process or machine stopped in the middle of it) is dropped.
 * @throws Error naming file and line when any other line is damaged, or the file was written by another version.
 */
export async function openJournal (path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const records = await readRecords(path)
  let file: FileHandle | undefined
  let size = 0
  let broken: Error | undefined
  let queue: Waiting[] = []
  let flushing: Promise<void> | undefined

  async function compact (replacement: readonly JournalRecord[]): Promise<void> {
    await file?.close()
    const next = `${path}.new`
    const text = [format, ...replacement].map((record) => JSON.stringify(record) + '\n').join('')
    await rm(next, { force: true })
    file = await open(next, 'ax', 0o600)
    await file.appendFile(text)
    await file.sync()
    size = Buffer.byteLength(text)
    await rename(next, path)
    await syncDirectory(dirname(path))
  }

  async function flush (): Promise<void> {
    while (queue.length > 0) {
      const batch = queue
      queue = []
      try {
        if (broken !== undefined) throw broken
        if (file === undefined) throw new Error('the journal is closed')
        const bytes = Buffer.from(batch.map((waiting) => waiting.line).join(''))
        await file.appendFile(bytes)
        await file.datasync()
        size += bytes.length
      } catch (error) {
        await refuse([...batch, ...queue.splice(0)], error)
        continue
      }
      for (const waiting of batch) waiting.resolve()
    }
  }

  async function refuse (waiting: readonly Waiting[], cause: unknown): Promise<void> {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new StoreError('unavailable', `cannot write ${path}: ${reason}`, { cause })
    for (const one of waiting.toReversed()) one.undo()
    try {
      await file?.truncate(size)
    } catch {
      broken ??= error
    }
    for (const one of waiting) one.reject(error)
  }

  return {
    path,
    records,
    compact,
    append: (record, undo) => new Promise((resolve, reject) => {
      queue.push({ line: JSON.stringify(record) + '\n', undo, resolve, reject })
      flushing ??= flush().finally(() => { flushing = undefined })
    }),
    close: async () => {
      await flushing
      await file?.close()
      file = undefined
    }
  }
}

async function readRecords (path: string): Promise<JournalRecord[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const lines = text.split('\n')
  // What follows the last line feed was never acknowledged: empty, or torn.
  lines.pop()
  const [head, ...rest] = lines.map((line, index) => parseLine(path, line, index + 1))
  if (head === undefined) return []
  const { journal, version } = head
  if (journal !== format.journal || version !== format.version) {
    throw new Error(`${path}:1: expected ${JSON.stringify(format)}, found ${JSON.stringify(head)}. Another version of bankinfo wrote it; "bankinfo reset" starts anew`)
  }
  return rest.map((record, index) => asRecord(path, record, index + 2))
}

function parseLine (path: string, line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  throw new Error(`${path}:${number}: not a JSON object. The file is damaged; "bankinfo reset" starts anew`)
}

function asRecord (path: string, value: Record<string, unknown>, number: number): JournalRecord {
  if (typeof value.reserve === 'number') return { reserve: value.reserve }
  if (typeof value.put === 'object' && value.put !== null) return { put: value.put as StoredObject }
  if (Array.isArray(value.delete) && typeof value.at === 'string') {
    const [kind, namespace, name] = value.delete.map(String)
    if (kind !== undefined && namespace !== undefined && name !== undefined) return { delete: [kind, namespace, name], at: value.at }
  }
  throw new Error(`${path}:${number}: expected put, delete or reserve, found ${Object.keys(value).join(', ') || 'nothing'}`)
}

async function syncDirectory (directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
