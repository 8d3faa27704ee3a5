import { readFile, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { formatProblem, parseManifests, type ParsedDocument } from '@bankinfo/mesh/rules'
import { kustomizationFiles } from './file-names.ts'
import { setImages } from './images.ts'
import { KustomizeError, parseKustomization } from './kustomization.ts'
import { addLabels } from './labels.ts'
import { inOrder } from './order.ts'
import { readPatch, putPatch } from './patches.ts'

/**
 * Builds a kustomization: reads its resources, then patches, labels and images, in the order in which kustomize applies them.
 * @returns the objects in the order in which they are to be applied, each with the place it comes from
 * @throws KustomizeError
 */
export async function buildKustomization (folder: string): Promise<readonly ParsedDocument[]> {
  return inOrder(await build(folder, []))
}

async function build (folder: string, outer: readonly string[]): Promise<readonly ParsedDocument[]> {
  const root = resolve(folder)
  if (outer.includes(root)) throw new KustomizeError(`${folder}: the kustomization includes itself`)
  const { file, text } = await readKustomization(folder)
  const { resources, labels, images, patches } = parseKustomization(file, text)

  let documents: readonly ParsedDocument[] = []
  for (const { path, where } of resources) {
    const added = await readResource(join(folder, path), where, [...outer, root])
    for (const document of added) {
      const there = documents.find((one) => identityOf(one) === identityOf(document))
      if (there !== undefined) throw new KustomizeError(`${document.file}:${document.line}: may not add resource with an already registered id: ${identityOf(document)} (see ${there.file}:${there.line})`)
    }
    documents = [...documents, ...added]
  }
  for (const rule of patches) {
    const patch = readPatch(rule, rule.path === undefined ? undefined : await readText(join(folder, rule.path), rule.where))
    documents = putPatch(documents, patch)
  }
  return documents.map((document) => ({ ...document, resource: setImages(addLabels(document.resource, labels), images) }))
}

async function readKustomization (folder: string): Promise<{ readonly file: string, readonly text: string }> {
  for (const name of kustomizationFiles) {
    const file = join(folder, name)
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined) return { file, text }
  }
  throw new KustomizeError(`unable to find one of ${kustomizationFiles.map((name) => `'${name}'`).join(', ')} in directory '${resolve(folder)}'`)
}

async function readResource (path: string, where: string, outer: readonly string[]): Promise<readonly ParsedDocument[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new KustomizeError(`${where}: ${path} does not exist`)
  if (found.isDirectory()) return await build(path, outer)
  if (kustomizationFiles.includes(basename(path))) throw new KustomizeError(`${where}: name the folder, not its ${basename(path)}`)
  const { documents, problems } = parseManifests([{ file: path, text: await readFile(path, 'utf8') }])
  if (problems.length > 0) throw new KustomizeError(problems.map(formatProblem).join('\n'))
  return documents
}

async function readText (path: string, where: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new KustomizeError(`${where}: cannot read ${relative(process.cwd(), path)}: ${error instanceof Error ? error.message : String(error)}`)
  })
}

function identityOf ({ resource }: ParsedDocument): string {
  const group = resource.apiVersion.includes('/') ? resource.apiVersion.split('/')[0] : ''
  return `${resource.kind}.${group ?? ''} ${resource.metadata.namespace ?? 'default'}/${resource.metadata.name}`
}
