/** kubectl's other ways to write a command line, as the one that the commands here read. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_options/ */
import { CliError } from './command.ts'

/** The only cluster that is spoken to, by the name that it has in kubeconfig files. */
const ownContext = 'bankinfo'
/** Commands that look at another cluster. */
const withContext = new Set(['doctor', 'use'])

/** kubectl's flags that may be switched off: `--ignore-not-found=false`. */
const switches = new Set([
  'all', 'all-containers', 'all-namespaces', 'follow', 'force', 'ignore-not-found', 'list', 'no-headers', 'now', 'overwrite', 'prefix', 'previous',
  'recursive', 'show-events', 'show-kind', 'show-labels', 'stdin', 'timestamps', 'tty', 'wait', 'watch'
])
/** Those that are on unless they are switched off, by command. */
const onByDefault: Readonly<Record<string, readonly string[]>> = { delete: ['wait'], describe: ['show-events'], rollout: ['watch'] }

/**
 * Options that stand before the command go behind it (`-n istio-system get pods`), `--context bankinfo` is left out, and switches lose
 * their values (`--flag=true` becomes `--flag`). What follows `--` is left as it is.
 * @throws CliError for another cluster's context
 */
export function kubectlArguments (argv: readonly string[]): readonly string[] {
  const { before, command, rest } = takeApart(argv)
  if (command === undefined) return argv
  const dash = rest.indexOf('--')
  const own = dash === -1 ? rest : rest.slice(0, dash)
  return [command, ...withoutContext([...before, ...own], command).flatMap((arg) => switched(arg, command)), ...dash === -1 ? [] : rest.slice(dash)]
}

function takeApart (argv: readonly string[]): { readonly before: readonly string[], readonly command: string | undefined, readonly rest: readonly string[] } {
  let index = 0
  while (index < argv.length && argv[index]?.startsWith('-') === true) {
    if (!/^(-n|--namespace|--context)(=|$)|^-n./.test(argv[index] ?? '')) return { before: [], command: undefined, rest: argv }
    index += /^(-n|--namespace|--context)$/.test(argv[index] ?? '') ? 2 : 1
  }
  return { before: argv.slice(0, index), command: argv[index], rest: argv.slice(index + 1) }
}

function withoutContext (args: readonly string[], command: string): readonly string[] {
  if (withContext.has(command)) return args
  const kept: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (arg !== '--context' && !arg.startsWith('--context=')) {
      kept.push(arg)
      continue
    }
    const name = arg === '--context' ? args[index += 1] : arg.slice('--context='.length)
    if (name !== ownContext) throw new CliError(`bankinfo speaks to the laptop cluster alone, whose context is "${ownContext}"; for "${name ?? ''}" use kubectl`)
  }
  return kept
}

function switched (arg: string, command: string): readonly string[] {
  const [, name, value] = /^--([a-z-]+)=(true|false)$/.exec(arg) ?? []
  if (name === undefined) return [arg]
  const isOn = value === 'true'
  if (!isOn && !switches.has(name)) return [arg]
  if (onByDefault[command]?.includes(name) === true) return isOn ? [] : [`--no-${name}`]
  return isOn ? [`--${name}`] : []
}
