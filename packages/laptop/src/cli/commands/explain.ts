import { recordOf, textOf } from '../../resources/json.ts'
import { CliError, collect, flagOption, listOption, print, textOption, type CliCommand } from '../command.ts'

/** `bankinfo explain URL`: where a request goes, and why. The laptop's mesh decides it exactly as it does for a real one. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .argument('<url>', 'as the caller writes it: http://addedvalues:9080/api/v1/addedvalues/1, or the gateway\'s http://localhost:8080/productpage')
      .option('-H, --header <header>', 'a header of the request, such as "end-user: jason"; may be given several times', collect)
      .option('-X, --request <method>', 'the method', 'GET')
      .option('--from <workload>', 'who calls: a pod, deployment or service, NAMESPACE/NAME for another namespace, or "outside" for a client of the gateway')
      .option('--json', 'as JSON')
  },
  run: async (context) => {
    const [url = ''] = context.args
    if (!/^[a-z]+:\/\//i.test(url)) throw new CliError(`"${url}" is no URL: expected http://HOST[:PORT]/PATH`)
    const client = await context.connect()
    const from = textOption(context, 'from')
    const answer = await client.request('POST', '/bankinfo/v1/explain', {
      body: {
        url,
        method: textOption(context, 'request') ?? 'GET',
        headers: Object.fromEntries(listOption(context, 'header').map(parseHeader)),
        ...(from !== undefined && { from })
      }
    })
    print(context.stdout, flagOption(context, 'json') ? JSON.stringify(recordOf(answer.explanation), undefined, 2) : textOf(answer.text))
    return 0
  }
}

function parseHeader (text: string): readonly [string, string] {
  const match = /^([^:\s]+):\s*(.*)$/.exec(text)
  if (match === null) throw new CliError(`"${text}" is no header: expected "name: value"`)
  return [(match[1] ?? '').toLowerCase(), match[2] ?? '']
}
