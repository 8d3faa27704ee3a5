import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isReady } from '../controllers/replica-sets.ts'
import { createTestCluster, createWorkspace, echoDeployment, eventually } from '../testing/fixture.ts'
import { createNodeAgent } from './node-agent.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let workspace: Awaited<ReturnType<typeof createWorkspace>>
let cluster: Awaited<ReturnType<typeof createTestCluster>>
let agent: ReturnType<typeof createNodeAgent>
let pod: string

beforeEach(async () => {
  workspace = await createWorkspace()
  cluster = await createTestCluster(workspace.root)
  agent = createNodeAgent({ store: cluster.store, kubelet: cluster.kubelet, gatewayAddresses: () => new Map() })
  await cluster.store.create(echoDeployment({ container: { env: [{ name: 'GREETING', value: 'hello' }] } }))
  pod = (await eventually('a ready pod', () => cluster.pods().find(isReady))).metadata.name
})

afterEach(async () => {
  await cluster.stop()
  await workspace.remove()
})

async function exec (command: readonly string[], more: { stdin?: Readable, tty?: boolean, signal?: AbortSignal } = {}) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const text = { out: '', err: '' }
  stdout.on('data', (chunk: Buffer) => { text.out += chunk.toString() })
  stderr.on('data', (chunk: Buffer) => { text.err += chunk.toString() })
  const { exitCode } = await agent.exec({ namespace: 'default', pod, command, stdout, stderr, tty: false, ...more })
  return { exitCode, ...text }
}

describe('exec', () => {
  it('runs the system\'s programs with the pod\'s environment, and passes output, errors and exit code on', async () => {
    expect(await exec(['sh', '-c', 'echo $GREETING; echo oh >&2; exit 7'])).toEqual({ exitCode: 7, out: 'hello\n', err: 'oh\n' })
    expect((await exec(['sh', '-c', 'echo $http_proxy'])).out).toBe('http://pod:token@127.0.0.1:9\n')
  })

  it('passes standard input on', async () => {
    expect(await exec(['cat'], { stdin: Readable.from(['some ', 'input']) })).toMatchObject({ exitCode: 0, out: 'some input' })
  })

  it('says that there is no such program', async () => {
    expect(await exec(['no-such-program'])).toMatchObject({ exitCode: 127, err: 'exec: "no-such-program": executable file not found in $PATH\n' })
  })

  it('ends a command whose caller has gone', async () => {
    const abort = new AbortController()
    const running = exec(['sh', '-c', 'sleep 1000'], { signal: abort.signal })
    abort.abort()
    expect((await running).exitCode).toBe(137)
  })

  it('refuses a pod and a container that are not there', async () => {
    await expect(agent.exec({ namespace: 'default', pod: 'none', command: ['true'], stdout: new PassThrough(), stderr: new PassThrough(), tty: false })).rejects.toThrow('pod "none"')
    await expect(agent.exec({ namespace: 'default', pod, container: 'none', command: ['true'], stdout: new PassThrough(), stderr: new PassThrough(), tty: false })).rejects.toThrow('container "none"')
  })
})

describe('logs', () => {
  it('are what the process wrote', async () => {
    const chunks: Buffer[] = []
    for await (const chunk of agent.logs({ namespace: 'default', pod, tailLines: 1 })) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('started with \n')
  })

  it('of a container before its last restart need a restart', () => {
    expect(() => agent.logs({ namespace: 'default', pod, previous: true })).toThrow('previous terminated container "echo"')
  })
})

describe('port-forward', () => {
  it('leads to the process behind a container port', async () => {
    const socket = await agent.portForward({ namespace: 'default', pod, port: 8080 })
    socket.end('GET / HTTP/1.0\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toContain('"GREETING":"hello"')
    await expect(agent.portForward({ namespace: 'default', pod, port: 1 })).rejects.toThrow('nothing listens on port 1')
  })
})
