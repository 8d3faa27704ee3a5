import { FlagError, type Flags } from './flags.ts'
import { createLog, levelNames, readLevel, type Log } from './log.ts'

export interface Streams {
  readonly out: (data: string | Buffer) => void
  readonly err: (text: string) => void
  /** Ends what runs, as ^C does. */
  readonly signal: AbortSignal
}

/** Runs a command with what follows its name; the exit code. @throws FlagError, TargetError, LimitError, WarmUpError */
export type Command = (args: readonly string[], streams: Streams) => Promise<number>

/** The log that -loglevel and -quiet ask for. @throws FlagError */
export function commandLog (flags: Flags, streams: Streams): Log {
  const name = flags.text('loglevel') ?? 'Info'
  const level = readLevel(name)
  if (level === undefined) throw new FlagError(`invalid value "${name}" for flag -loglevel: expected one of ${levelNames}`)
  return createLog(flags.bool('quiet') ? 'error' : level, streams.err)
}
