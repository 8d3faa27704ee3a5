import { availableParallelism } from 'node:os'
import { isSuccess, limits, runLoad, type Call } from '@bankinfo/load'
import type { Command } from './command.ts'
import { FlagError, formatDuration, parseFlags, type Flags } from './flags.ts'
import { curl } from './curl-command.ts'
import { jsonReport } from './report/json.ts'
import { loadFlags } from './load-flags.ts'
import { commandLog } from './command.ts'
import { readTarget } from './request.ts'
import { textReport } from './report/text.ts'

/** `fortio load [flags] URL`. Exit code 0 whatever the calls' statuses: those are the result. */
export const load: Command = async (args, streams) => {
  const flags = parseFlags(loadFlags, args)
  const target = readTarget(flags)
  if (flags.bool('curl')) return await curl(args.filter((arg) => !/^--?curl(=true)?$/.test(arg)), streams)
  const log = commandLog(flags, streams)
  const run = readRun(flags)
  const percents = readPercents(flags)
  const json = flags.text('json')
  if (json !== undefined && json !== '-') throw new FlagError(`invalid value "${json}" for flag -json: expected -, which is stdout`)
  const say = (text: string): void => { if (json === undefined) streams.out(text) }
  if (!flags.bool('quiet')) {
    say(`Fortio (labtools 1.0.0) running at ${flags.number('qps')} queries per second, ${availableParallelism()}->1 procs, ${run.requests === undefined ? `for ${formatDuration(run.durationMs ?? 0)}` : `for ${run.requests} calls`}: ${target.url.href}\n`)
    say(`${startLine(run)}\n`)
  }

  const abortOn = flags.number('abort-on')
  const ended = new AbortController()
  const onCall = ({ answer, connection }: Call): void => {
    if (answer.status === -1) log('error', `[${connection}] ${answer.error ?? 'no answer'} for ${target.url.href}`)
    else if (!isSuccess(answer.status)) log('warning', `[${connection}] Non ok http code ${answer.status} (HTTP/${answer.httpVersion})`)
    if (abortOn !== 0 && answer.status === abortOn) ended.abort()
  }
  const startTime = new Date()
  const result = await runLoad({
    ...run,
    target,
    timeoutMs: flags.duration('timeout'),
    catchUp: !flags.bool('nocatchup'),
    spread: flags.bool('uniform'),
    // As fortio does it: a run of so many calls makes no others.
    warmUp: run.requests !== undefined || !flags.bool('warmup') ? undefined : flags.bool('allow-initial-errors') ? 'may-fail' : 'must-succeed',
    signal: AbortSignal.any([streams.signal, ended.signal]),
    onCall
  })
  const resolution = flags.number('r')
  streams.out(json === undefined
    ? textReport(result, { percents, resolution, connections: run.connections })
    : `${JSON.stringify(jsonReport(result, { ...run, labels: flags.text('labels') ?? '', startTime, url: target.url.href, percents, resolution }), undefined, 2)}\n`)
  return 0
}

interface Run {
  readonly connections: number
  readonly requests: number | undefined
  readonly durationMs: number | undefined
  readonly rate: number | undefined
}

function readRun (flags: Flags): Run {
  const requests = flags.number('n') > 0 ? flags.number('n') : undefined
  const duration = flags.duration('t')
  const qps = flags.number('qps')
  const resolution = flags.number('r')
  if (!(resolution > 0)) throw new FlagError(`invalid value "${resolution}" for flag -r: expected more than 0`)
  const connections = flags.number('c')
  return {
    // No more connections than calls.
    connections: requests === undefined ? connections : Math.min(connections, requests),
    requests,
    durationMs: requests !== undefined ? undefined : duration === 0 ? limits.duration : duration,
    rate: qps > 0 ? qps : undefined
  }
}

function startLine ({ connections, requests, durationMs, rate }: Run): string {
  const speed = rate === undefined ? 'max qps' : `${rate} qps`
  const threads = `Starting at ${speed} with ${connections} thread(s) [gomax 1]`
  if (requests !== undefined) return `${threads} for exactly ${requests} calls (${Math.floor(requests / connections)} per thread + ${requests % connections})`
  const each = rate === undefined ? 0 : Math.ceil((durationMs ?? 0) / 1000 * rate / connections)
  return `${threads} for ${formatDuration(durationMs ?? 0)}${each === 0 ? '' : ` : ${each} calls each (total ${each * connections})`}`
}

function readPercents (flags: Flags): readonly number[] {
  const text = flags.text('p') ?? ''
  return text.split(',').filter((part) => part.trim() !== '').map((part) => {
    const percent = Number(part)
    if (!(percent >= 0 && percent <= 100)) throw new FlagError(`invalid value "${text}" for flag -p: expected numbers from 0 to 100, separated by commas`)
    return percent
  })
}
