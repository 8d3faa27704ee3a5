import { randomBytes } from 'node:crypto'
import { checkLimits, describeTarget, LimitError, TargetError } from '@bankinfo/load'
import { CliError, durationOption, flagOption, listOption, textOption, type CliContext } from '../command.ts'

/** A load as it was asked for, checked. */
export interface LoadPlan {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
  readonly connections: number
  readonly requests: number | undefined
  /** Milliseconds. */
  readonly durationMs: number | undefined
  /** Calls per second. */
  readonly rate: number | undefined
  readonly timeoutMs: number
  /** Takes any certificate. */
  readonly insecure: boolean
  /** In the User-Agent of each call, so that the proxies' logs tell this run's calls from all others. */
  readonly runId: string
}

const requestsUnlessTold = 100

/** @throws CliError naming the option that cannot be */
export function readPlan (context: CliContext): LoadPlan {
  const durationMs = durationOption(context, 'duration')
  const body = textOption(context, 'data')
  const runId = `bankinfo-load/${randomBytes(4).toString('hex')}`
  const headers = listOption(context, 'header').map(readHeader)
  const named = headers.filter(([name]) => name.toLowerCase() !== 'user-agent')
  const agent = headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1]
  const run = {
    connections: number(context, 'connections') ?? 1,
    requests: number(context, 'requests') ?? (durationMs === undefined ? requestsUnlessTold : undefined),
    durationMs,
    rate: number(context, 'qps')
  }
  try {
    checkLimits(run)
    const { url, method } = describeTarget({ url: context.args[0] ?? '', headers, method: textOption(context, 'request'), ...(body === undefined ? {} : { body: Buffer.from(body) }) })
    return {
      ...run,
      connections: Math.min(run.connections, run.requests ?? Infinity),
      url,
      method,
      body,
      headers: [...named, ['User-Agent', agent === undefined ? runId : `${agent} ${runId}`]],
      timeoutMs: durationOption(context, 'timeout') ?? 15_000,
      insecure: flagOption(context, 'insecure'),
      runId
    }
  } catch (error) {
    if (error instanceof LimitError || error instanceof TargetError) throw new CliError(error.message)
    throw error
  }
}

function number (context: CliContext, name: string): number | undefined {
  const text = textOption(context, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new CliError(`invalid argument "${text}" for "--${name}": expected a number`)
  return value
}

function readHeader (text: string): readonly [string, string] {
  const match = /^([^:\s]+):\s*(.*)$/.exec(text)
  if (match === null) throw new CliError(`"${text}" is no header: expected "name: value"`)
  return [match[1] ?? '', match[2] ?? '']
}
