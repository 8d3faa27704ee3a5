import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { count, reports, type ReportFormat } from '../../rule-tests/report.ts'
import { runTestFile, type FileResult } from '../../rule-tests/run.ts'
import { CliError, print, textOption, type CliCommand } from '../command.ts'

/** A test did not hold; a file could not be run. */
const [someFailed, badFile] = [1, 2]

/** `bankinfo test FILES`: needs no cluster. Exit code 0: every test holds; 1: some do not; 2: a file could not be run. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .argument('<files...>', 'test files, folders (every *.test.yaml below them) or patterns such as "istio/**/*.test.yaml"')
      .option('-t, --name <text>', 'run the tests whose name has this text in it')
      .option('-o, --output <format>', 'text, json, junit or tap', 'text')
  },
  run: async (context) => {
    const format = formatOf(textOption(context, 'output') ?? 'text')
    const name = textOption(context, 'name')
    const results: FileResult[] = []
    for (const file of await findTestFiles(context.args)) results.push(await runTestFile(file, await readFile(file, 'utf8'), { name }))
    const { passed, failed, badFiles } = count(results)
    if (passed + failed + badFiles === 0) throw new CliError(name === undefined ? 'there are no tests' : `no test has ${JSON.stringify(name)} in its name`, badFile)
    print(context.stdout, reports[format](results))
    return badFiles > 0 ? badFile : failed > 0 ? someFailed : 0
  }
}

function formatOf (text: string): ReportFormat {
  if (Object.hasOwn(reports, text)) return text as ReportFormat
  throw new CliError(`"${text}" is no output format: expected ${Object.keys(reports).join(', ')}`, badFile)
}

/** Each file once, in the order of the arguments. */
async function findTestFiles (paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => {
    const files = existsSync(path)
      ? (await stat(path)).isDirectory() ? await matching('**/*.test.{yaml,yml}', path) : [path]
      : /[*?[{]/.test(path) ? await matching(path, '.') : undefined
    if (files === undefined) throw new CliError(`the path "${path}" does not exist`, badFile)
    if (files.length === 0) throw new CliError(`${path}: no test files; they are called *.test.yaml`, badFile)
    return files
  }))
  return [...new Set(found.flat())]
}

async function matching (pattern: string, folder: string): Promise<readonly string[]> {
  const found = await glob([pattern], { cwd: folder, ignore: ['**/node_modules/**'] })
  return found.sort().map((file) => relative('.', join(folder, file)))
}
