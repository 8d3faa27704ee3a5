import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ensureCertificates } from '../api/certificates.ts'
import { ensureToken, writeKubeconfig } from '../api/credentials.ts'
import { createApiServer } from '../api/server.ts'
import { compile } from '../compile/compiler.ts'
import { watchSources } from '../compile/watch.ts'
import { readWorkspace } from '../compile/workspace.ts'
import { createClient, type Connection } from '../cli/client.ts'
import { applyBase, readBase } from './base.ts'
import { createCluster, type Cluster } from './cluster.ts'
import { endGroup, takePidFile } from '../host/pid-file.ts'
import { checkPorts } from '../host/ports.ts'
import { explainRequest } from '../network/explain.ts'
import { waitForDeployments } from './progress.ts'
import type { Ports } from '../host/up-options.ts'

export interface UpOptions {
  readonly root: string
  /** The state folder. */
  readonly directory: string
  readonly ports: Ports
  /** Base address of an OTLP/HTTP collector that the spans of proxies and services go to. */
  readonly collector?: string | undefined
  /** Forget what the store holds and begin with the base. */
  readonly fresh: boolean
  /** Apply nothing to a new store. */
  readonly bare: boolean
  readonly watch: boolean
  readonly say: (line: string) => void
  /** Aborted when the cluster is to stop. */
  readonly signal: AbortSignal
}

/** Pods that have not ended by then are killed, in milliseconds. */
const graceMs = 2700

/** Everything is gone within five seconds, in milliseconds, also on a machine that is busy with something else. */
const deadlineMs = 4000
const startTimeoutMs = 60_000

/**
 * Runs the cluster until the signal: takes the state folder, compiles the services while the API comes up, applies the base to a
 * new store, starts the pods and tells how they come along.
 * @throws AlreadyRunningError, PortInUseError before anything has been started
 */
export async function up (options: UpOptions): Promise<void> {
  const { root, directory, ports, say } = options
  const started = performance.now()
  const page = `http://127.0.0.1:${ports.page}/productpage`
  const pidFile = await takePidFile(directory, { page, api: `https://127.0.0.1:${ports.api}` })
  try {
    await checkPorts(ports.needed)
    if (options.fresh) await rm(join(directory, 'store'), { recursive: true, force: true })
    const packages = await readWorkspace(root)
    const compiling = compileServices(options, packages.map(({ directory: folder }) => folder))
    let pods: readonly number[] = []
    const onPods = (pids: readonly number[]): void => {
      pods = pids
      pidFile.notePods(pids).catch((error: unknown) => say(`cannot note the pods' processes: ${error instanceof Error ? error.message : String(error)}`))
    }
    const cluster = await createCluster({ root, directory, overrides: ports.overrides, collector: options.collector, say, onPods })
    options.signal.addEventListener('abort', () => {
      setTimeout(() => {
        for (const pid of pods) endGroup(pid)
        process.exit(1)
      }, deadlineMs).unref()
    })
    try {
      await run(options, { cluster, compiling, page, started, packages })
    } finally {
      await cluster.stop(graceMs)
    }
  } finally {
    await pidFile.release()
  }
}

interface Started {
  readonly cluster: Cluster
  readonly compiling: Promise<void>
  readonly page: string
  readonly started: number
  readonly packages: Awaited<ReturnType<typeof readWorkspace>>
}

async function run (options: UpOptions, { cluster, compiling, page, started, packages }: Started): Promise<void> {
  const { root, directory, ports, say, signal } = options
  const { store, network, node } = cluster
  const [certificates, token] = await Promise.all([ensureCertificates(directory), ensureToken(directory)])
  const api = await createApiServer({
    store, token, tls: certificates, node, onRuleChange: network.update, telemetry: network.telemetry, explain: (query) => explainRequest({ store, mesh: network.mesh, gatewayAddresses: network.gatewayAddresses }, query)
  })
  try {
    await api.listen({ host: '127.0.0.1', port: ports.api })
    const kubeconfig = await writeKubeconfig(directory, { port: ports.api, ca: certificates.ca, token })
    if (store.isNew && !options.bare) {
      await applyBaseTo({ server: `https://127.0.0.1:${ports.api}`, ca: certificates.ca, token }, root)
      say('applied the base: k8s/, sidecar.yaml, gateway.yaml, destination-rule-all.yaml')
    } else if (!store.isNew) {
      say('kept what was applied before ("pnpm bankinfo reset" brings the base back)')
    }
    await compiling
    cluster.startPods()
    const watching = options.watch ? watchSources({ root, packages, onBuilt: cluster.restart, say }) : undefined
    try {
      const missing = await waitForDeployments({
        store, signal, timeoutMs: startTimeoutMs, onReady: (name) => say(`${name} is ready`)
      })
      if (signal.aborted) return
      for (const { name, reason } of missing) say(`${name} is not ready: ${reason}`)
      tell(options, { page, kubeconfig, started, store })
      await aborted(signal)
    } finally {
      watching?.close()
    }
  } finally {
    await api.close()
  }
}

async function applyBaseTo (connection: Connection, root: string): Promise<void> {
  const client = createClient(connection)
  try {
    await applyBase(client, await readBase(root))
  } finally {
    client.close()
  }
}

async function compileServices ({ root, say }: UpOptions, directories: readonly string[]): Promise<void> {
  const services = directories.filter((directory) => relative(root, directory).startsWith('services'))
  if (services.length === 0) return
  const { ok, output, duration } = await compile(root, services, { check: false })
  if (ok) say(`compiled ${services.length} services in ${(duration / 1000).toFixed(1)} s`)
  else say(`the services do not compile; pods run what was compiled last:\n${output}`)
}

function tell ({ say, ports }: UpOptions, { page, kubeconfig, started, store }: { page: string, kubeconfig: string, started: number, store: Cluster['store'] }): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const hasPage = store.get('Deployment.apps', 'default', 'productpage-v1') !== undefined
  say(`Bankinfo is up, ${seconds} s after its start.`)
  say('')
  say(hasPage ? `  Page        ${page}` : '  Page        none yet: pnpm bankinfo apply -k k8s')
  say(`  Kubernetes  https://127.0.0.1:${ports.api}, export KUBECONFIG=${kubeconfig}`)
  say('  Next step   in another terminal: bash scripts/workshop.sh, or step by step as docs/workshop.md says')
  say('  Look        pnpm bankinfo get pods,svc,virtualservices')
  say('  Stop        Ctrl-C, or pnpm bankinfo down')
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
