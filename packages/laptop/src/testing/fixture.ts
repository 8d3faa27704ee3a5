/** What tests of pods share: a small workspace of their own, a network without a mesh, waiting with a deadline. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findImages } from '../containers/image.ts'
import { createEventRecorder } from '../controllers/events.ts'
import { startControllers } from '../controllers/controllers.ts'
import { listKind, type StoredPod } from '../controllers/kinds.ts'
import type { NodeContext } from '../pods/node-context.ts'
import { startKubelet } from '../pods/kubelet.ts'
import { openStore } from '../store/store.ts'

/** Answers with what it is and what it was given; /exit ends it with a status, /unready and /ready switch its readiness. */
const server = `
import { createServer } from 'node:http'
let ready = true
console.log('started with ' + process.argv.slice(2).join(' '))
createServer((request, response) => {
  const [path, value] = request.url.split('?')
  if (path === '/exit') process.exit(Number(value))
  if (path === '/ready') ready = value !== 'no'
  if (path === '/readyz' && !ready) response.statusCode = 503
  response.end(JSON.stringify({ pid: process.pid, env: process.env, args: process.argv.slice(2) }))
}).listen(Number(process.env.PORT), process.env.HOST)
process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0) })
`

/** A folder with the package \`services/echo\`, removed by {@link Workspace.remove}. */
export async function createWorkspace (): Promise<{ root: string, remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'bankinfo-test-'))
  const directory = join(root, 'services', 'echo')
  await mkdir(join(directory, 'dist'), { recursive: true })
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: '@test/echo', type: 'module' }))
  await writeFile(join(directory, 'dist', 'server.js'), server)
  return { root, remove: async () => await rm(root, { recursive: true, force: true }) }
}

/** A cluster without API and mesh: pods run, and nobody routes to them. */
export async function createTestCluster (root: string) {
  const store = await openStore({ directory: join(root, 'store') })
  const record = createEventRecorder(store)
  const errors: unknown[] = []
  const onError = (error: unknown): void => { errors.push(error) }
  const context: NodeContext = {
    store,
    record,
    onError,
    images: await findImages(root),
    runFolder: join(root, 'run'),
    compileCache: join(root, 'compile-cache'),
    tools: [],
    network: {
      update: async () => {},
      join: async () => ({ proxyUrl: 'http://pod:token@127.0.0.1:9', close: async () => {} })
    }
  }
  await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: {} } })
  const kubelet = startKubelet(context)
  const controllers = startControllers({ store, record, onError })
  return {
    store,
    kubelet,
    errors,
    pods: (): readonly StoredPod[] => listKind(store, 'Pod'),
    stop: async () => {
      controllers.stop()
      await kubelet.stop(2000)
      await store.close()
    }
  }
}

/** A Deployment of the echo package. */
export function echoDeployment (options: { readonly name?: string, readonly replicas?: number, readonly container?: object, readonly template?: object, readonly spec?: object } = {}) {
  const { name = 'echo', replicas = 1 } = options
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [{ name: 'echo', image: 'localhost/bankinfo/echo:1.0.0', ports: [{ name: 'http', containerPort: 8080 }], ...options.container }],
          ...options.spec
        },
        ...options.template
      }
    }
  }
}

/** Asks until the answer is neither undefined nor false. @throws Error after the deadline, telling what was waited for. */
export async function eventually<T> (what: string, ask: () => T | undefined | false | Promise<T | undefined | false>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
