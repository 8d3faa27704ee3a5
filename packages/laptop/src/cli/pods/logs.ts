import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure, type Client } from '../client.ts'
import { CliError, durationOption, flagOption, textOption, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import { linesOf } from '../selection/watch-events.ts'
import { chooseContainer, choosePod, podName, podsBehind } from './pod-target.ts'
import { itemsOf } from '../selection/select.ts'

/** `bankinfo logs` */
export const command: CliCommand = {
  configure: (command) => {
    withNamespace(command.argument('[pod]', 'POD, TYPE/NAME such as deploy/productpage-v1').argument('[container]', 'as -c'))
      .option('-c, --container <name>', 'container, such as istio-proxy')
      .option('-f, --follow', 'go on printing what comes')
      .option('-l, --selector <labels>', 'of all pods with these labels')
      .option('--tail <lines>', 'only the last lines; -1 for all')
      .option('--since <duration>', 'only what is newer, such as 5m')
      .option('-p, --previous', 'of the container before its last restart')
      .option('--timestamps', 'the time before each line')
      .option('--prefix', 'pod and container before each line')
      .option('--all-containers', 'of all containers')
  },
  run: async (context) => {
    const [target, container] = context.args
    const client = await context.connect()
    const sources = await sourcesOf(context, client, { target, container }).catch((error: unknown) => {
      if (!(error instanceof ApiFailure)) throw error
      throw new CliError(`error from server (${error.reason}): ${error.message} in namespace "${textOption(context, 'namespace') ?? 'default'}"`)
    })
    const prefixed = flagOption(context, 'prefix')
    const tail = textOption(context, 'tail') ?? (textOption(context, 'selector') === undefined ? undefined : '10')
    if (tail !== undefined && !/^-?\d+$/.test(tail)) throw new CliError(`invalid argument "${tail}" for "--tail": expected a number of lines`)
    const since = durationOption(context, 'since')
    const print = async ({ pod, container: name }: LogSource): Promise<void> => {
      const stream = await client.stream(`${resourcePath(oneKind('pods'), { namespace: textOf(fieldOf(pod, 'metadata', 'namespace')), name: podName(pod) })}/log`, {
        accept: 'text/plain, application/json',
        query: {
          container: name,
          follow: flagOption(context, 'follow') ? 'true' : undefined,
          previous: flagOption(context, 'previous') ? 'true' : undefined,
          timestamps: flagOption(context, 'timestamps') ? 'true' : undefined,
          tailLines: tail === undefined || tail.startsWith('-') ? undefined : tail,
          sinceSeconds: since === undefined ? undefined : String(Math.max(1, Math.ceil(since / 1_000)))
        }
      })
      if (!prefixed) return await pipeline(stream, context.stdout, { end: false })
      for await (const line of linesOf(stream)) context.stdout.write(`[pod/${podName(pod)}/${name ?? ''}] ${line}\n`)
    }
    if (flagOption(context, 'follow')) await Promise.all(sources.map(print))
    else for (const source of sources) await print(source)
    return 0
  }
}

interface LogSource {
  readonly pod: JsonRecord
  readonly container: string | undefined
}

async function sourcesOf (context: CliContext, client: Client, { target, container }: { target: string | undefined, container: string | undefined }): Promise<readonly LogSource[]> {
  const named = container === undefined ? context : { ...context, options: { ...context.options, container } }
  const selector = textOption(context, 'selector')
  if (selector !== undefined) {
    if (target !== undefined) throw new CliError('only a selector (-l) or a POD name is allowed')
    const list = await client.request('GET', resourcePath(oneKind('pods'), { namespace: textOption(context, 'namespace') }), { query: { labelSelector: selector } })
    const quiet = { ...named, stderr: nowhere }
    return itemsOf(list).flatMap((pod) => containersOf(context, pod) ?? [{ pod, container: chooseContainer(quiet, pod) }])
  }
  if (target === undefined) throw new CliError('expected a POD, or TYPE/NAME, or --selector')
  const pods = await podsBehind(context, client, target)
  const pod = choosePod(context, pods)
  return containersOf(context, pod) ?? [{ pod, container: chooseContainer(named, pod) }]
}

function containersOf (context: CliContext, pod: JsonRecord): readonly LogSource[] | undefined {
  if (!flagOption(context, 'allContainers')) return undefined
  return ['initContainers', 'containers'].flatMap((field) => arrayOf(fieldOf(pod, 'spec', field)).map((one) => ({ pod, container: textOf(recordOf(one).name) })))
}

/** For several pods at once nobody is told which container was taken. */
const nowhere = new Writable({ write (_data, _encoding, done) { done() } })
