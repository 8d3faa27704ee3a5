/** Options of kubectl that may stand before the command too, and take a value. */
const global = ['-n', '--namespace']

/**
 * kubectl's other ways to write a command line, as the one that the commands here read: `-n NAMESPACE` before the command goes after
 * it, and `--flag=true` becomes `--flag`. What follows `--` is left as it is.
 * https://kubernetes.io/docs/reference/kubectl/generated/kubectl_options/
 */
export function kubectlArguments (argv: readonly string[]): string[] {
  const dash = argv.indexOf('--')
  const own = (dash === -1 ? argv : argv.slice(0, dash)).map((arg) => arg.replace(/^(--[a-z-]+)=true$/, '$1'))
  const moved: string[] = []
  let [first] = own
  while (first !== undefined && (global.includes(first) || first.startsWith('--namespace='))) {
    moved.push(...own.splice(0, first.includes('=') ? 1 : 2))
    first = own[0]
  }
  const [command, ...rest] = own
  return [...command === undefined ? [] : [command], ...moved, ...rest, ...dash === -1 ? [] : argv.slice(dash)]
}
