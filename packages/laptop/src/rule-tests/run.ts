/** Runs test files: each test asks the mesh what becomes of its request, and nothing is sent. */
import { createMesh, formatExplanation, type Mesh, type Prediction } from '@bankinfo/mesh'
import { formatPath, type FieldPath, type ParsedDocument, type Problem } from '@bankinfo/mesh/rules'
import { check } from './check.ts'
import { describedCallers, findCaller } from './callers.ts'
import { loadTestFiles, loadWorld } from './load.ts'
import { readTestFile, type ReadTestFile } from './test-file.ts'
import { buildWorld, type World } from './world.ts'
import type { TestRequest } from './schema.ts'

/** What does not hold, where the file says that it should. */
export interface TestFailure {
  readonly line: number
  readonly column: number
  /** `expect.destination.subset` */
  readonly path: string
  readonly expected: string
  readonly actual: string
}

export interface TestResult {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly failures: readonly TestFailure[]
  /** Why the request goes where it goes; of a failed test alone. */
  readonly explanation?: string
  readonly milliseconds: number
}

export interface FileResult {
  readonly file: string
  /** Empty when the file, or what it names, is not as it must be. */
  readonly tests: readonly TestResult[]
  readonly problems: readonly Problem[]
}

export interface RunOptions {
  /** Runs the tests whose name has this in it. */
  readonly name?: string | undefined
}

/** @param file its path, from which the files that it names are looked up */
export async function runTestFile (file: string, text: string, options: RunOptions = {}): Promise<FileResult> {
  const reading = readTestFile(file, text)
  if ('problems' in reading) return { file, tests: [], problems: reading.problems }
  const { read } = reading
  const loaded = await loadWorld(read)
  if (loaded.problems.length > 0) return { file, tests: [], problems: loaded.problems }
  const worlds = createWorlds(read, loaded.documents)
  const tests: TestResult[] = []
  const problems: Problem[] = []
  try {
    for (const [index, { name }] of read.content.tests.entries()) {
      if (options.name !== undefined && !name.includes(options.name)) continue
      const result = await runTest(read, index, worlds)
      if ('problems' in result) problems.push(...result.problems)
      else tests.push(result)
    }
  } finally {
    await worlds.close()
  }
  return { file, tests: problems.length > 0 ? [] : tests, problems }
}

interface RunningWorld {
  readonly world: World
  readonly mesh: Mesh
}

interface Worlds {
  /** That of the file with the objects of a test's own files. */
  readonly of: (own: readonly ParsedDocument[]) => Promise<RunningWorld>
  readonly close: () => Promise<void>
}

/** Most tests of a file share a world. */
function createWorlds ({ content }: ReadTestFile, documents: readonly ParsedDocument[]): Worlds {
  const { namespace = 'default', injected = [namespace], outboundTrafficPolicy } = content
  const meshes: Mesh[] = []
  let common: Promise<RunningWorld> | undefined
  const start = async (own: readonly ParsedDocument[]): Promise<RunningWorld> => {
    const world = buildWorld({ objects: [...documents, ...own].map(({ resource }) => resource), namespace, injected, outboundTrafficPolicy, callers: describedCallers(content) })
    const mesh = createMesh({ external: () => undefined })
    meshes.push(mesh)
    await mesh.update(world.state)
    return { world, mesh }
  }
  return {
    of: async (own) => {
      if (own.length > 0) return await start(own)
      common ??= start([])
      return await common
    },
    close: async () => { await Promise.all(meshes.map(async (mesh) => { await mesh.close() })) }
  }
}

async function runTest (read: ReadTestFile, index: number, worlds: Worlds): Promise<TestResult | { readonly problems: readonly Problem[] }> {
  const { file, content: { tests, namespace = 'default' }, document } = read
  const test = tests[index]
  if (test === undefined) throw new Error(`no test ${index} in ${file}`)
  const started = performance.now()
  const own = await loadTestFiles(read, index)
  if (own.problems.length > 0) return { problems: own.problems }
  const { world, mesh } = await worlds.of(own.documents)
  const at = ['tests', index] as const
  const problem = (path: FieldPath, message: string, hint: string): { problems: readonly Problem[] } => ({ problems: [{ file, ...document.locate([...at, ...path]), message, hint, path: formatPath([...at, ...path]) }] })
  const caller = findCaller(test.request.from, { index, namespace, world })
  if ('known' in caller) return problem(['request', 'from'], `nobody is called ${JSON.stringify(test.request.from)}`, `Known are ${caller.known.join(', ')}.`)
  const request = { from: caller.id, ...requestOf(test.request), ...(test.upstream === undefined ? {} : { upstream: upstreamOf(test.upstream) }) }
  let prediction: Prediction
  try {
    prediction = mesh.predict(request)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return problem(['request'], error.message.replace(/^explain: /, ''), 'Expected a request that a pod could send.')
  }
  const namesOf = (endpoint: string): readonly string[] => {
    const [place = '', name] = endpoint.split('/')
    if (name === undefined) return [endpoint]
    const names = [name, ...owner(world, endpoint)]
    return [...names.map((one) => `${place}/${one}`), ...place === namespace ? names : []]
  }
  const failures = check(test.expect, prediction, { namespace, namesOf }).map(({ path, expected, actual }): TestFailure => ({
    ...document.locate([...at, 'expect', ...path]), path: formatPath(['expect', ...path]), expected, actual
  }))
  return {
    name: test.name,
    file,
    line: document.locate([...at, 'name']).line,
    failures,
    ...(failures.length === 0 ? {} : { explanation: formatExplanation(mesh.explain(request)) }),
    milliseconds: performance.now() - started
  }
}

function owner ({ owners }: World, id: string): readonly string[] {
  const name = owners.get(id)
  return name === undefined ? [] : [name]
}

function requestOf ({ url, host, path = '/', method, headers }: TestRequest): { url: string, method?: string, headers?: Readonly<Record<string, string>> } {
  return { url: url ?? `http://${host ?? ''}${path}`, ...(method === undefined ? {} : { method }), ...(headers === undefined ? {} : { headers }) }
}

function upstreamOf ({ status, headers }: { readonly status?: number | undefined, readonly headers?: Readonly<Record<string, string>> | undefined }): { status?: number, headers?: Readonly<Record<string, string>> } {
  return { ...(status === undefined ? {} : { status }), ...(headers === undefined ? {} : { headers }) }
}
