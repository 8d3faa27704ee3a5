import { analyze, findSchemaProblems, findUnsupported, formatFinding, formatProblem, parseManifests, type ManifestFile, type Problem } from '@bankinfo/mesh/rules'
import { CliError, flagOption, print, textOption, type CliCommand } from '../command.ts'
import { readManifestFiles } from '../manifest-files.ts'
import { findCoreProblems } from '../problems.ts'

/** As istioctl's: findings are something else than a failure to look. */
const foundErrors = 79

/** `bankinfo analyze FILES`: needs no cluster. Exit code 0: nothing wrong; 79: errors were found; 1: it could not look. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .argument('<files...>', 'files, folders or - for standard input; name the manifests of the workloads, too, and references are checked')
      .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
      .option('-R, --recursive', 'read the folders within a folder, too')
      .option('--complete', 'take the files for all that the cluster has: whatever they do not define is missing')
      .option('--failure-threshold <level>', 'from which level on the exit code is 79: Info, Warning or Error', 'Error')
      .option('--json', 'as JSON')
  },
  run: async (context) => {
    const threshold = levelOf(textOption(context, 'failureThreshold') ?? 'Error')
    const files: ManifestFile[] = []
    for (const path of context.args) files.push(...await readManifestFiles(path, { recursive: flagOption(context, 'recursive'), stdin: context.stdin }))
    const { documents, problems } = parseManifests(files)
    const wrong = findSchemaProblems(documents)
    const places = new Set(wrong.map(placeOf))
    const errors: readonly Problem[] = [...problems, ...wrong, ...findUnsupported(documents).filter((problem) => !places.has(placeOf(problem))), ...documents.flatMap(findCoreProblems)]
    const findings = analyze(documents, {
      namespace: textOption(context, 'namespace') ?? 'default',
      kubernetes: flagOption(context, 'complete') ? 'cluster' : 'files'
    })
    const reached = errors.length > 0 || findings.some(({ level }) => levelOf(level) >= threshold)
    if (flagOption(context, 'json')) {
      print(context.stdout, JSON.stringify({ problems: errors, findings }, undefined, 2))
      return reached ? foundErrors : 0
    }
    for (const problem of errors) print(context.stdout, `Error ${formatProblem(problem)}`)
    for (const finding of findings) print(context.stdout, formatFinding(finding))
    if (errors.length === 0 && findings.length === 0) print(context.stdout, `✔ No validation issues found when analyzing ${context.args.join(', ')}.`)
    if (reached) print(context.stderr, `Error: Analyzers found issues when analyzing ${context.args.join(', ')}.`)
    return reached ? foundErrors : 0
  }
}

function placeOf ({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`
}

function levelOf (level: string): number {
  const levels: Readonly<Record<string, number>> = { info: 0, warning: 1, error: 2 }
  const found = levels[level.toLowerCase()]
  if (found === undefined) throw new CliError(`"${level}" is no level: expected Info, Warning or Error`)
  return found
}
