import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { ManifestFile, ParsedDocument } from '@bankinfo/mesh/rules'
import { readAll } from './client.ts'
import { CliError, flagOption, listOption, textOption, type CliContext } from './command.ts'

/** What kubectl reads from a folder. */
const extensions = new Set(['.yaml', '.yml', '.json'])

/**
 * The objects of `-f` and `-k`, in order; undefined when neither was given.
 * @throws CliError naming file and line of all that does not parse
 */
export async function manifestsFrom (context: CliContext): Promise<readonly ParsedDocument[] | undefined> {
  const paths = listOption(context, 'filename')
  const folder = textOption(context, 'kustomize')
  if (folder !== undefined) {
    if (paths.length > 0) throw new CliError('only one of -f or -k can be specified')
    const { buildKustomization } = await import('../kustomize/build.ts')
    return await buildKustomization(folder)
  }
  if (paths.length === 0) return undefined
  const files: ManifestFile[] = []
  for (const path of paths) files.push(...await readManifestFiles(path, { recursive: flagOption(context, 'recursive'), stdin: context.stdin }))
  return await parseFiles(files)
}

/** @throws CliError */
export async function parseFiles (files: readonly ManifestFile[]): Promise<readonly ParsedDocument[]> {
  // The YAML parser is loaded only by the commands that read files.
  const { formatProblem, parseManifests } = await import('@bankinfo/mesh/rules')
  const { documents, problems } = parseManifests(files)
  if (problems.length > 0) throw new CliError(`error parsing manifests\n${problems.map(formatProblem).join('\n')}`)
  if (documents.length === 0) throw new CliError('no objects passed to apply')
  return documents
}

/** The files behind a path: a file, those of a folder, standard input for `-`. @throws CliError */
export async function readManifestFiles (path: string, options: { readonly recursive?: boolean, readonly stdin: CliContext['stdin'] }): Promise<readonly ManifestFile[]> {
  if (path === '-') return [{ file: 'STDIN', text: await readAll(options.stdin) }]
  if (/^https?:\/\//.test(path)) throw new CliError(`${path}: files are read from this machine only; fetch it first`)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new CliError(`the path "${path}" does not exist`)
  if (!found.isDirectory()) return [{ file: path, text: await readFile(path, 'utf8') }]
  const files = await filesOf(path, options.recursive === true)
  if (files.length === 0) throw new CliError(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`)
  return await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })))
}

async function filesOf (folder: string, recursive: boolean): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => a.name < b.name ? -1 : 1)
  const lists = await Promise.all(entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return recursive ? await filesOf(path, true) : []
    // Tests of rules lie beside rules, and are no manifests.
    return extensions.has(extname(entry.name)) && !/\.test\.ya?ml$/.test(entry.name) ? [path] : []
  }))
  return lists.flat()
}
