import { isSuccess, send } from '@bankinfo/load'
import { parseFlags } from './flags.ts'
import { commandLog, type Command } from './command.ts'
import { loadFlags } from './load-flags.ts'
import { readTarget } from './request.ts'

/** `fortio curl URL` and `fortio load -curl URL`: one call, its answer as it came. Exit code 1 for a status that is no success. */
export const curl: Command = async (args, streams) => {
  const flags = parseFlags(loadFlags, args)
  const target = readTarget(flags)
  const log = commandLog(flags, streams)
  const agent = target.agent()
  try {
    const answer = await send({ target, agent, timeoutMs: flags.duration('timeout'), keepBody: true, signal: streams.signal })
    if (answer.status !== -1) {
      const fields = answer.rawHeaders.flatMap((name, index) => index % 2 === 0 ? [`${name}: ${answer.rawHeaders[index + 1] ?? ''}`] : [])
      streams.out([`HTTP/${answer.httpVersion} ${answer.status} ${answer.statusText}`, ...fields, '', ''].join('\r\n'))
      streams.out(answer.body ?? '')
    }
    if (isSuccess(answer.status)) return 0
    log('error', answer.status === -1 ? `${answer.error ?? 'no answer'} for ${target.url.href}` : `Error status ${answer.status} for ${target.url.href}`)
    return 1
  } finally {
    agent.destroy()
  }
}
