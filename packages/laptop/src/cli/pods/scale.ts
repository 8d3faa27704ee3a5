import { CliError, print, textOption, withNamespace, type CliCommand } from '../command.ts'
import { fieldOf } from '../../resources/json.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { selectObjects } from '../selection/select.ts'

/** `bankinfo scale` */
export const command: CliCommand = {
  configure: (command) => {
    withNamespace(command.argument('<what...>', 'TYPE NAME... or TYPE/NAME...'))
      .requiredOption('--replicas <count>', 'how many pods')
      .option('--current-replicas <count>', 'only when it has that many now')
      .option('-l, --selector <labels>', 'all with these labels')
  },
  run: async (context) => {
    const replicas = count(textOption(context, 'replicas'), 'replicas')
    const expected = textOption(context, 'currentReplicas')
    const client = await context.connect()
    for (const { kind, name, namespace, object } of await selectObjects(context, client, { args: context.args })) {
      if (!kind.subresources.includes('scale')) throw new CliError(`cannot scale a ${kind.kind}`)
      const present = Number(fieldOf(object, 'spec', 'replicas'))
      if (expected !== undefined && present !== count(expected, 'current-replicas')) {
        throw new CliError(`Expected replicas to be ${expected}, was ${present}`)
      }
      await client.request('PATCH', `${resourcePath(kind, { namespace, name })}/scale`, { contentType: 'application/merge-patch+json', body: { spec: { replicas } } })
      print(context.stdout, `${objectLabel(kind, name)} scaled`)
    }
    return 0
  }
}

function count (text: string | undefined, option: string): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new CliError(`invalid argument "${text ?? ''}" for "--${option}": expected a number of pods, 0 or more`)
  return Number(text)
}
