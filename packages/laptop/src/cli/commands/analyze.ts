import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { analyze, findSchemaProblems, findUnsupported, formatFinding, formatProblem, parseManifests, type AnalyzeOptions, type Finding, type ManifestFile, type ParsedDocument, type ParsedManifests, type Problem } from '@bankinfo/mesh/rules'
import { kustomizationFiles } from '../../kustomize/file-names.ts'
import { CliError, flagOption, print, textOption, type CliCommand, type CliContext } from '../command.ts'
import { readManifestFiles } from '../manifest-files.ts'
import { findCoreProblems } from '../findings/problems.ts'

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
    const { documents, problems } = await readAll(context)
    const wrong = findSchemaProblems(documents)
    const places = new Set(wrong.map(placeOf))
    const errors: readonly Problem[] = [...problems, ...wrong, ...findUnsupported(documents).filter((problem) => !places.has(placeOf(problem))), ...documents.flatMap(findCoreProblems)]
    const findings = analyzeAlternatives(documents, {
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

/** A folder with a kustomization is what it builds; all others are the manifests in them. A kustomization that a pattern such as `istio/*.yaml` names is none. */
async function readAll (context: CliContext): Promise<ParsedManifests> {
  const files: ManifestFile[] = []
  const built: ParsedDocument[] = []
  for (const path of context.args) {
    if (kustomizationFiles.includes(basename(path))) continue
    if (kustomizationFiles.some((name) => existsSync(join(path, name)))) {
      const { buildKustomization } = await import('../../kustomize/build.ts')
      built.push(...await buildKustomization(path))
    } else files.push(...await readManifestFiles(path, { recursive: flagOption(context, 'recursive'), stdin: context.stdin }))
  }
  const { documents, problems } = parseManifests(files)
  return { documents: [...built, ...documents], problems }
}

/**
 * Files that define the same object are alternatives, such as the steps of a lesson: a cluster has one of them at a time. Each is
 * looked at in the company of all other objects, of which the last definition counts.
 */
function analyzeAlternatives (documents: readonly ParsedDocument[], options: AnalyzeOptions): readonly Finding[] {
  const keyOf = ({ resource: { kind, metadata } }: ParsedDocument): string => `${kind} ${metadata.namespace ?? options.namespace}/${metadata.name}`
  const last = new Map(documents.map((document) => [keyOf(document), document]))
  const others = documents.filter((document) => last.get(keyOf(document)) !== document)
  return [
    ...analyze([...last.values()], options),
    ...others.flatMap((document) => analyze([...new Map(last).set(keyOf(document), document).values()], options)
      .filter(({ file, resource }) => file === document.file && resource === keyOf(document)))
  ]
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
