/** Finds what a test file names: manifests on disk, objects written out in it, Services in short. */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { findSchemaProblems, parseManifests, readManifestAt, type FieldPath, type ParsedDocument, type Problem, type YamlDocument } from '@bankinfo/mesh/rules'
import { glob } from 'tinyglobby'
import { findProblems } from '../cli/findings/problems.ts'
import { kustomizationFiles } from '../kustomize/file-names.ts'
import type { ServiceSketch } from './schema.ts'
import type { ReadTestFile } from './test-file.ts'

export interface Loaded {
  readonly documents: readonly ParsedDocument[]
  readonly problems: readonly Problem[]
}

/** The objects of the file itself: `files`, then `resources`, then `services`. */
export async function loadWorld ({ file, content, document }: ReadTestFile): Promise<Loaded> {
  const { files = [], resources = [], services = [], namespace = 'default' } = content
  return checked(joined([
    await loadFiles(files, { file, document, path: ['files'] }),
    ...resources.map((resource, index) => readManifestAt(['resources', index], resource, document)),
    ...services.map((sketch, index) => ({ documents: fromSketch(sketch, namespace).map((resource) => placedAt(resource, { document, file }, ['services', index])), problems: [] }))
  ]))
}

/** The objects of one test's own `files`. */
export async function loadTestFiles ({ file, content, document }: ReadTestFile, index: number): Promise<Loaded> {
  return checked(await loadFiles(content.tests[index]?.files ?? [], { file, document, path: ['tests', index, 'files'] }))
}

interface Source {
  readonly file: string
  readonly document: YamlDocument
  readonly path: FieldPath
}

async function loadFiles (patterns: readonly string[], source: Source): Promise<Loaded> {
  const loaded: Loaded[] = []
  for (const [index, pattern] of patterns.entries()) {
    const problem = (message: string, hint: string): Loaded => ({ documents: [], problems: [{ file: source.file, ...source.document.locate([...source.path, index]), message, hint }] })
    const paths = await pathsOf(pattern, dirname(source.file))
    if (paths.length === 0) loaded.push(problem(`no such file or folder: ${pattern}`, `Paths are looked up from ${dirname(source.file)}.`))
    for (const path of paths) loaded.push(await loadPath(path, problem))
  }
  return joined(loaded)
}

async function pathsOf (pattern: string, folder: string): Promise<readonly string[]> {
  const path = join(folder, pattern)
  if (existsSync(path)) return [path]
  if (!/[*?[{]/.test(pattern)) return []
  const found = await glob([pattern], { cwd: folder, absolute: true, ignore: ['**/*.test.yaml', '**/*.test.yml'] })
  return found.sort().map((one) => relative(process.cwd(), one))
}

async function loadPath (path: string, problem: (message: string, hint: string) => Loaded): Promise<Loaded> {
  if (!(await stat(path)).isDirectory()) return parseManifests([{ file: path, text: await readFile(path, 'utf8') }])
  if (kustomizationFiles.some((name) => existsSync(join(path, name)))) {
    const { buildKustomization } = await import('../kustomize/build.ts')
    try {
      return { documents: await buildKustomization(path), problems: [] }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'KustomizeError') throw error
      return problem(error.message, 'Mend the kustomization.')
    }
  }
  const names = (await glob(['*.{yaml,yml,json}'], { cwd: path, ignore: ['*.test.yaml', '*.test.yml'] })).sort()
  if (names.length === 0) return problem(`no manifests in ${path}`, 'A folder is expected with .yaml, .yml or .json files, or with a kustomization.')
  return parseManifests(await Promise.all(names.map(async (name) => ({ file: join(path, name), text: await readFile(join(path, name), 'utf8') }))))
}

function joined (parts: readonly Loaded[]): Loaded {
  return { documents: parts.flatMap(({ documents }) => documents), problems: parts.flatMap(({ problems }) => problems) }
}

/** What a cluster would refuse, a test refuses too. */
function checked ({ documents, problems }: Loaded): Loaded {
  const schema = findSchemaProblems(documents)
  const places = new Set(schema.map(placeOf))
  return { documents, problems: [...problems, ...schema, ...documents.flatMap(findProblems).filter((problem) => !places.has(placeOf(problem)))] }
}

function placeOf ({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`
}

function placedAt (resource: ParsedDocument['resource'], { file, document }: { readonly file: string, readonly document: YamlDocument }, path: FieldPath): ParsedDocument {
  const place = document.locate(path)
  return { resource, file, line: place.line, locate: () => place }
}

function fromSketch ({ name, namespace, port, ports, versions = ['v1'], sidecar }: ServiceSketch, fallback: string): ReadonlyArray<ParsedDocument['resource']> {
  const where = { namespace: namespace ?? fallback }
  const listed = ports ?? [{ number: port ?? 80, name: 'http' }]
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, ...where },
      spec: { selector: { app: name }, ports: listed.map((one) => ({ port: one.number, name: one.name })) }
    },
    ...versions.map((version) => {
      const labels = { app: name, version }
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `${name}-${version}`, ...where },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels: { ...labels, ...(sidecar === undefined ? {} : { 'sidecar.istio.io/inject': String(sidecar) }) } },
            spec: { containers: [{ name: 'app', image: `${name}:${version}` }] }
          }
        }
      }
    })
  ]
}
