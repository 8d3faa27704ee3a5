import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClient, readConnection, type Client } from '../cli/client.ts'
import { runCli } from '../cli/run.ts'
import { itemsOf } from '../cli/selection/select.ts'
import { down } from '../host/down.ts'
import { findRunning } from '../host/pid-file.ts'
import { isAlive } from '../host/processes.ts'
import { freePort } from '../network/free-port.ts'
import { recordOf, textOf } from '../resources/json.ts'
import { createWorkspace, echoDeployment, eventually } from '../testing/fixture.ts'
import { readBase } from './base.ts'
import { reset } from './reset.ts'

// Whole clusters of processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const entry = new URL('../../dist/', import.meta.url).href

/** What `bankinfo up` does, for a workspace of the test's own. */
const program = `
  import { up } from '${entry}runtime/up.js'
  import { untilStopped } from '${entry}host/signals.js'
  import { readPorts } from '${entry}host/up-options.js'
  const { root, directory, ports } = JSON.parse(process.argv[1])
  await untilStopped(console.log, (signal) => up({
    root, directory, ports: readPorts(ports, {}), fresh: false, bare: false, watch: true, say: console.log, signal
  })).catch((error) => { console.log(error.message); process.exitCode = 1 })`

const service = JSON.stringify({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo' }, spec: { selector: { app: 'echo' }, ports: [{ name: 'http', port: 8080 }] }
})
const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door}
spec:
  hosts: ["*"]
  gateways: [door]
  http: [{route: [{destination: {host: echo, port: {number: 8080}}}]}]
`
const sidecar = 'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default}\nspec: {egress: [{hosts: ["./*"]}]}\n'
const destinationRule = 'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: echo}\nspec: {host: echo}\n'

let workspace: Awaited<ReturnType<typeof createWorkspace>>
let directory: string
let ports: { port: string, apiPort: string, httpsPort: string, tcpPort: string, statusPort: string }
const children: ChildProcess[] = []

beforeEach(async () => {
  workspace = await createWorkspace()
  directory = join(workspace.root, '.bankinfo')
  await mkdir(join(workspace.root, 'k8s'))
  await mkdir(join(workspace.root, 'istio'))
  const { metadata: { namespace: _, ...metadata }, ...deployment } = echoDeployment()
  await Promise.all([
    ['k8s/kustomization.yaml', 'resources: [app.yaml]\n'],
    ['k8s/app.yaml', `${JSON.stringify({ ...deployment, metadata })}\n---\n${service}\n`],
    ['istio/kustomization.yaml', 'resources: [sidecar.yaml, gateway.yaml, destination-rule-all.yaml]\n'],
    ['istio/sidecar.yaml', sidecar],
    ['istio/gateway.yaml', gateway],
    ['istio/destination-rule-all.yaml', destinationRule]
  ].map(async ([file = '', text = '']) => await writeFile(join(workspace.root, file), text)))
  const [port, apiPort, httpsPort, tcpPort, statusPort] = await Promise.all(Array.from({ length: 5 }, async () => String(await freePort())))
  ports = { port: port ?? '', apiPort: apiPort ?? '', httpsPort: httpsPort ?? '', tcpPort: tcpPort ?? '', statusPort: statusPort ?? '' }
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await down(directory)
  await workspace.remove()
})

function start (): { child: ChildProcess, output: () => string, ended: Promise<number | null> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify({ root: workspace.root, directory, ports })], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { text += chunk.toString() })
  return { child, output: () => text, ended: new Promise((resolve) => child.once('close', resolve)) }
}

async function startAndWait (): Promise<ReturnType<typeof start>> {
  const started = start()
  await eventually('the cluster to be up', () => {
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.output()}`)
    return started.output().includes('Bankinfo is up')
  }, 60_000)
  return started
}

async function page (): Promise<{ pid: number, env: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${ports.port}/`)
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`)
  return await response.json() as { pid: number, env: Record<string, string> }
}

async function podPids (): Promise<number[]> {
  return JSON.parse(await readFile(join(directory, 'pods.pid'), 'utf8')) as number[]
}

async function withClient<T> (use: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient(await readConnection({ BANKINFO_HOME: directory }))
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

/** Runs a command line; what it printed on standard output. */
async function bankinfo (line: string, expected = 0): Promise<string> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const [printed, errors] = [text(stdout), text(stderr)]
  stdin.end()
  const code = await runCli(line.split(' '), { env: { BANKINFO_HOME: directory }, stdin, stdout, stderr })
  stdout.end()
  stderr.end()
  if (code !== expected) throw new Error(`bankinfo ${line} ended with ${code}: ${await errors}`)
  return await printed
}

const rule = '/apis/networking.istio.io/v1/namespaces/default/virtualservices/door'

describe('a laptop cluster', () => {
  it('answers through gateway and sidecar, and obeys a rule from the next request on', async () => {
    await startAndWait()
    const { env } = await page()
    expect(env.http_proxy).toMatch(/^http:\/\/echo-[^:]+:[\w-]{32}@127\.0\.0\.1:\d+$/)
    await withClient(async (client) => {
      const route = [{ destination: { host: 'echo', port: { number: 8080 } } }]
      for (const open of ['/a', '/b', '/a', '/b']) {
        await client.request('PATCH', rule, {
          body: { spec: { http: [{ match: [{ uri: { exact: open } }], route }] } }, contentType: 'application/merge-patch+json'
        })
        const statuses = await Promise.all(['/a', '/b'].map(async (path) => (await fetch(`http://127.0.0.1:${ports.port}${path}`)).status))
        expect(statuses).toEqual(open === '/a' ? [200, 404] : [404, 200])
      }
    })
  })

  it('tells who called whom, the way of each request, and what each proxy has counted', async () => {
    await startAndWait()
    for (let index = 0; index < 5; index++) await page()
    const graph = await bankinfo('graph')
    expect(graph).toMatch(/istio-ingressgateway +echo( v\d)? +5 /)
    expect(await bankinfo('trace')).toMatch(/istio-ingressgateway\.istio-system +GET \/\n/)
    const [trace] = JSON.parse(await bankinfo('trace -o json')) as { requestId: string }[]
    expect(await bankinfo(`trace ${trace?.requestId}`)).toMatch(/^istio-ingressgateway → echo +200 /m)
    const counted = await bankinfo('exec -n istio-system deploy/istio-ingressgateway -- curl -s localhost:15090/stats/prometheus')
    expect(counted).toMatch(/^istio_requests_total\{reporter="source",source_workload="istio-ingressgateway",.*response_code="200".*\} 5$/m)
    expect(await bankinfo('exec deploy/echo -c istio-proxy -- pilot-agent request GET server_info')).toContain('"state": "LIVE"')
    expect(await bankinfo('exec deploy/echo -c istio-proxy -- pilot-agent request GET nothing', 1)).toContain('admin commands are:')
    expect((await bankinfo('logs deploy/echo -c istio-proxy')).match(/"GET \/ HTTP\/1\.1" 200 - via_upstream /g)).toHaveLength(5)
  })

  it('starts a killed pod again while it goes on', async () => {
    await startAndWait()
    const { pid } = await page()
    process.kill(pid, 'SIGKILL')
    const again = await eventually('another process', async () => {
      const answer = await page().catch(() => undefined)
      return answer !== undefined && answer.pid !== pid ? answer : undefined
    })
    expect(isAlive(pid)).toBe(false)
    expect(await podPids()).toEqual([again.pid])
  })

  it('leaves no process when it is killed, and keeps what was applied', async () => {
    const { child, ended } = await startAndWait()
    const { pid } = await page()
    await withClient(async (client) => {
      await client.request('PATCH', rule, { body: { metadata: { labels: { kept: 'yes' } } }, contentType: 'application/merge-patch+json' })
    })
    child.kill('SIGKILL')
    await ended
    await eventually('the pod to end', () => !isAlive(pid))
    const { output } = await startAndWait()
    expect(output()).toContain('kept what was applied before')
    await page()
    const labels = await withClient(async (client) => (await client.request('GET', rule)).metadata)
    expect(labels).toMatchObject({ labels: { kept: 'yes' } })
  })

  it('has every rule that it acknowledged before a kill -9 in the middle of 1,000', async () => {
    const { child, ended } = await startAndWait()
    const acknowledged = new Map<string, number>()
    let answers = 0
    await withClient(async (client) => {
      const apply = async (index: number): Promise<void> => {
        const name = `rule-${index % 200}`
        await client.request('PATCH', `/apis/networking.istio.io/v1/namespaces/default/destinationrules/${name}`, {
          query: { fieldManager: 'test', force: 'true' },
          contentType: 'application/apply-patch+yaml',
          body: { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, labels: { round: String(index) } }, spec: { host: `${name}.example.com` } }
        })
        acknowledged.set(name, Math.max(index, acknowledged.get(name) ?? 0))
        answers += 1
        if (answers === 500) child.kill('SIGKILL')
      }
      const next = { index: 0 }
      const worker = async (): Promise<void> => {
        while (next.index < 1000) await apply(next.index++)
      }
      await Promise.allSettled(Array.from({ length: 8 }, worker))
    })
    await ended
    expect(answers).toBeLessThan(1000)
    expect(acknowledged.size).toBe(200)
    await startAndWait()
    const kept = await withClient(async (client) => new Map(itemsOf(await client.request('GET', '/apis/networking.istio.io/v1/namespaces/default/destinationrules')).map(({ metadata }) => {
      const { name, labels } = recordOf(metadata)
      return [textOf(name), Number(recordOf(labels).round)]
    })))
    // One that was written and not answered any more may be there, too.
    for (const [name, round] of acknowledged) expect(kept.get(name)).toBeGreaterThanOrEqual(round)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends with all its pods on %s', async (signal) => {
    const { child, ended } = await startAndWait()
    const pids = await podPids()
    expect(pids.filter(isAlive)).toHaveLength(1)
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(await findRunning(directory)).toBeUndefined()
  })

  it('is stopped by down, from anywhere', async () => {
    const { child, ended } = await startAndWait()
    expect(await down(directory)).toMatchObject({ kind: 'stopped', pid: child.pid })
    expect(await ended).toBe(0)
    expect(await down(directory)).toMatchObject({ kind: 'none' })
  })

  it('is not started twice', async () => {
    const first = await startAndWait()
    const second = start()
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain(`running already (process ${first.child.pid}`)
    await page()
  })

  it('names the process and the flag when a port is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(Number(ports.port), '127.0.0.1', resolve))
    const { ended, output } = start()
    expect(await ended).toBe(1)
    server.close()
    expect(output()).toContain(`port ${ports.port} (the page, gateway port 80) is in use by process ${process.pid}`)
    expect(output()).toContain('--port PORT or BANKINFO_PORT=PORT')
    expect(await findRunning(directory)).toBeUndefined()
  })

  it('gets its base back from reset, and nothing else is left', async () => {
    await startAndWait()
    await withClient(async (client) => {
      await client.request('DELETE', rule)
      await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'extra' } } })
      await client.request('POST', '/api/v1/namespaces/extra/configmaps', { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'inside' } } })
      await client.request('POST', '/api/v1/namespaces/default/configmaps', { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } } })
      await client.request('PATCH', '/apis/apps/v1/namespaces/default/deployments/echo', { body: { spec: { replicas: 2 } }, contentType: 'application/merge-patch+json' })
      const deleted = await reset(client, await readBase(workspace.root))
      expect([...deleted].sort()).toEqual(['configmap/mine', 'namespace/extra'])
      await expect(client.request('GET', '/api/v1/namespaces/extra')).rejects.toThrow('not found')
      expect((await client.request('GET', '/apis/apps/v1/namespaces/default/deployments/echo')).spec).toMatchObject({ replicas: 1 })
    })
    await eventually('the page', async () => await page().then(() => true, () => false))
  })
})
