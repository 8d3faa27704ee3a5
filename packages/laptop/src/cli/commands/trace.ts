import { recordOf, textOf } from '../../resources/json.ts'
import { CliError, print, textOption, type CliCommand } from '../command.ts'

/** `bankinfo trace`: the last traces; `bankinfo trace ID`: one of them, each hop with its time. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .argument('[id]', 'an x-request-id or a trace id, or the first four or more characters of one; without it the last traces are listed')
      .option('-n, --limit <number>', 'how many traces are listed', '20')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  run: async (context) => {
    const [id] = context.args
    const output = textOption(context, 'output') ?? 'text'
    if (output !== 'text' && output !== 'json') throw new CliError(`invalid argument "${output}" for "--output": expected text or json`)
    const limit = textOption(context, 'limit') ?? '20'
    if (!/^[1-9]\d{0,3}$/.test(limit)) throw new CliError(`invalid argument "${limit}" for "--limit": expected a number from 1 to 9999`)
    const client = await context.connect()
    const width = String(context.stdout.columns ?? 120)
    const answer = id === undefined
      ? await client.request('GET', '/bankinfo/v1/traces', { query: { limit } })
      : await client.request('GET', `/bankinfo/v1/traces/${encodeURIComponent(id)}`, { query: { width } })
    if (output === 'text') print(context.stdout, textOf(answer.text))
    else print(context.stdout, JSON.stringify(id === undefined ? answer.traces : recordOf(answer.trace), undefined, 2))
    return 0
  }
}
