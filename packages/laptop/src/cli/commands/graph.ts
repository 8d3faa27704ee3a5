import { recordOf, textOf } from '../../resources/json.ts'
import { CliError, durationOption, print, textOption, type CliCommand } from '../command.ts'

const outputs = ['text', 'dot', 'mermaid', 'json']
/** The laptop keeps counts for so long, in milliseconds. */
const maxWindow = 600_000

/** `bankinfo graph`: who calls whom, how often, with how many errors and how fast. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .option('-w, --window <duration>', 'the time that counts, up to now: 30s, 5m; ten minutes at most', '1m')
      .option('-o, --output <format>', 'text, dot (Graphviz), mermaid or json', 'text')
  },
  run: async (context) => {
    const output = textOption(context, 'output') ?? 'text'
    if (!outputs.includes(output)) throw new CliError(`invalid argument "${output}" for "--output": expected one of ${outputs.join(', ')}`)
    const window = durationOption(context, 'window') ?? 0
    if (window < 1000 || window > maxWindow) throw new CliError('invalid argument for "--window": expected 1s to 10m')
    const client = await context.connect()
    const answer = await client.request('GET', '/bankinfo/v1/graph', { query: { window: String(window), output: output === 'json' ? 'text' : output } })
    print(context.stdout, output === 'json' ? JSON.stringify(recordOf(answer.graph), undefined, 2) : textOf(answer.text))
    return 0
  }
}
