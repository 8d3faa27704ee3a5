import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { contextName, kubeconfig } from '../../api/credentials.ts'
import { arrayOf, isRecord, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { readConnection } from '../client.ts'
import { CliError, flagOption, print, textOption, type CliCommand, type CliContext } from '../command.ts'

/** Where the context that was current before is noted; kubectl keeps extensions it does not know. */
const extension = 'bankinfo'

/** `bankinfo use`: your own kubectl then speaks to the laptop cluster. `--off` takes that back. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .option('--off', 'take it out again; the context that was current before is current again')
      .option('--kubeconfig <file>', 'your kubeconfig (default: the first of $KUBECONFIG, else ~/.kube/config)')
  },
  run: async (context) => {
    const path = await kubeconfigPath(context)
    const off = flagOption(context, 'off')
    const { text, mode } = await readKubeconfig(path)
    const changed = off ? await withoutLaptop(text, path) : await withLaptop(text, path, await laptopEntries(context.env))
    if (changed === undefined) {
      print(context.stdout, off ? `${path} does not name the laptop cluster.` : `${path} names the laptop cluster already.`)
      return 0
    }
    await writeWhole(path, changed.text, mode)
    print(context.stdout, off
      ? `Removed context "${contextName}" from ${path}. ${changed.current === '' ? 'No context is current now.' : `Current context: "${changed.current}".`}`
      : `Added context "${contextName}" to ${path} and switched to it. "bankinfo use --off" takes it out again.`)
    return 0
  }
}

async function kubeconfigPath (context: CliContext): Promise<string> {
  const named = textOption(context, 'kubeconfig') ?? (context.env.KUBECONFIG ?? '').split(delimiter).find((part) => part !== '')
  const path = named ?? join(context.env.HOME ?? homedir(), '.kube', 'config')
  // A link stays a link: what it points to is changed.
  return await realpath(path).catch(() => path)
}

async function readKubeconfig (path: string): Promise<{ readonly text: string, readonly mode: number }> {
  try {
    return { text: await readFile(path, 'utf8'), mode: (await stat(path)).mode & 0o777 }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { text: '', mode: 0o600 }
    throw new CliError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function laptopEntries (env: NodeJS.ProcessEnv): Promise<JsonRecord> {
  const { server, ca, token } = await readConnection(env)
  return recordOf(kubeconfig({ port: Number(new URL(server).port), ca, token }))
}

interface Changed {
  readonly text: string
  readonly current: string
}

const sections = ['clusters', 'users', 'contexts'] as const

/** The file with the laptop's entries in it; comments and all else stay as they are. Undefined when nothing changes. */
export async function withLaptop (text: string, path: string, entries: JsonRecord): Promise<Changed | undefined> {
  const document = await parse(text, path)
  const before = document.toJSON() as unknown
  const current = textOf(recordOf(before)['current-context'])
  for (const key of ['apiVersion', 'kind']) if (!document.has(key)) document.set(key, recordOf(entries)[key])
  for (const section of sections) {
    const [entry] = arrayOf(entries[section]).filter(isRecord)
    if (entry === undefined) continue
    const others = arrayOf(recordOf(before)[section])
    const index = others.findIndex((one) => recordOf(one).name === contextName)
    if (index === -1) {
      if (others.length === 0) document.set(section, document.createNode([entry]))
      else document.addIn([section], document.createNode(entry))
    } else document.setIn([section, index], document.createNode(entry))
  }
  if (current !== contextName) {
    document.setIn(['current-context'], contextName)
    const kept = arrayOf(recordOf(before).extensions).filter((one) => recordOf(one).name !== extension)
    document.setIn(['extensions'], document.createNode([...kept, { name: extension, extension: { previousContext: current } }]))
  }
  const result = inStyleOf(text, document)
  return result === text ? undefined : { text: result, current: contextName }
}

/** The file without the laptop's entries. Undefined when it has none. */
export async function withoutLaptop (text: string, path: string): Promise<Changed | undefined> {
  const document = await parse(text, path)
  const before = recordOf(document.toJSON() as unknown)
  const named = sections.some((section) => arrayOf(before[section]).some((one) => recordOf(one).name === contextName))
  if (!named) return undefined
  for (const section of sections) {
    const index = arrayOf(before[section]).findIndex((one) => recordOf(one).name === contextName)
    if (index !== -1) document.deleteIn([section, index])
  }
  const extensions = arrayOf(before.extensions).map(recordOf)
  const note = extensions.find(({ name }) => name === extension)
  const left = extensions.filter(({ name }) => name !== extension)
  if (left.length > 0) document.setIn(['extensions'], document.createNode(left))
  else document.deleteIn(['extensions'])
  let current = textOf(before['current-context'])
  if (current === contextName) {
    const previous = textOf(recordOf(note?.extension).previousContext)
    const exists = arrayOf(before.contexts).some((one) => recordOf(one).name === previous)
    current = exists ? previous : ''
    document.setIn(['current-context'], current)
  }
  return { text: inStyleOf(text, document), current }
}

/** What the file's owner wrote keeps its indentation, its lines and its comments. */
function inStyleOf (text: string, document: import('yaml').Document): string {
  return document.toString({ lineWidth: 0, indentSeq: !/^- /m.test(text), flowCollectionPadding: !/\{[^\s}]/.test(text) })
}

async function parse (text: string, path: string): Promise<import('yaml').Document> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text === '' ? '{}' : text)
  const [problem] = document.errors
  if (problem !== undefined) throw new CliError(`${path} is no YAML that can be read, it stays as it is: ${problem.message}`)
  const content: unknown = document.toJSON()
  if (content !== null && !isRecord(content)) throw new CliError(`${path} is no kubeconfig, it stays as it is`)
  if (content === null || text === '') return parseDocument('apiVersion: v1\nkind: Config\npreferences: {}\n')
  return document as unknown as import('yaml').Document
}

/** Either the old file or the new one is there, never half of one. */
async function writeWhole (path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const next = `${path}.bankinfo-${process.pid}`
  await writeFile(next, text, { mode: 0o600 })
  await chmod(next, mode)
  await rename(next, path)
}
