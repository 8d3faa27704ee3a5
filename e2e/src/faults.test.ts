import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { freePorts, root, run, startLaptop, type Laptop } from './laptop.ts'

let laptop: Laptop

beforeAll(async () => { laptop = await startLaptop() })
afterAll(() => laptop.close())

const page = async (): Promise<{ status: number, text: string }> => {
  const response = await fetch(`${laptop.address}/productpage`)
  return { status: response.status, text: await response.text() }
}

test('a pod that is killed is restarted, and the page answers meanwhile with one panel missing', async () => {
  const pod = await podOf('details')
  expect(await restarts(pod)).toBe(0)
  process.kill(await pidOf(pod), 'SIGKILL')

  const statuses = new Set<number>()
  await eventually(async () => {
    statuses.add((await page()).status)
    return await restarts(pod) === 1
  }, { seconds: 30, what: () => 'the pod of details to be restarted' })
  await eventually(async () => (await page()).text.includes('BI-W-0090'), { seconds: 30, what: () => 'the facts of details to be back' })
  expect([...statuses]).toEqual([200])
})

test('while a service has no pod the page stands and says why its panel is missing', async () => {
  expect((await laptop.bankinfo('scale', 'deployment/details-v1', '--replicas=0')).code).toBe(0)
  await eventually(async () => !(await page()).text.includes('BI-W-0090'), { seconds: 30, what: () => 'the facts to be gone' })
  const { status, text } = await page()
  expect(status).toBe(200)
  expect(text).toContain('503')
  expect((await laptop.bankinfo('scale', 'deployment/details-v1', '--replicas=1')).code).toBe(0)
  await eventually(async () => (await page()).text.includes('BI-W-0090'), { seconds: 30, what: () => 'the facts to be back' })
})

test('a second copy in the same folder says in one line that one is running', async () => {
  const { code, stdout, stderr } = await laptop.bankinfo('up')
  expect(code).not.toBe(0)
  expect((stdout + stderr).trim().split('\n')).toHaveLength(1)
  expect(stdout + stderr).toContain(String(laptop.pid))
})

test('a port in use is told in one line with the process that has it and the flag for another', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [join(root, 'packages/laptop/bin/bankinfo.js'), 'up'], {
    ...laptop.env, BANKINFO_HOME: join(laptop.home, 'second'), BANKINFO_API_PORT: String((await freePorts(1))[0])
  })
  expect(code).not.toBe(0)
  const lines = (stdout + stderr).trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`port ${new URL(laptop.address).port}`)
  expect(lines[0]).toContain('--port')
})

test('kill -9 leaves no pod behind, and what was applied is there again after the next start', async () => {
  expect((await laptop.bankinfo('apply', '-f', join(root, 'istio/virtual-service-user-v2-v3.yaml'))).code).toBe(0)
  const pods = await podPids()
  expect(pods.length).toBeGreaterThanOrEqual(6)
  await laptop.kill('SIGKILL')
  await eventually(() => pods.every((pid) => !alive(pid)), { seconds: 10, what: () => `the pods ${pods.filter(alive)} to end` })

  laptop = await startLaptop({ home: laptop.home })
  expect((await page()).status).toBe(200)
  expect((await laptop.bankinfo('get', 'virtualservice', 'addedvalues', '-o', 'name')).code).toBe(0)
})

test('SIGTERM ends it and every pod', async () => {
  const pods = await podPids()
  expect(await laptop.kill('SIGTERM')).toBe(0)
  expect(pods.filter(alive)).toEqual([])
})

async function podOf (app: string): Promise<string> {
  const { stdout } = await laptop.bankinfo('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[0].metadata.name}')
  return stdout.trim()
}

async function restarts (pod: string): Promise<number> {
  const { stdout } = await laptop.bankinfo('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')
  return Number(stdout)
}

async function podPids (): Promise<number[]> {
  const pids: unknown = JSON.parse(await readFile(join(laptop.home, 'pods.pid'), 'utf8'))
  return Array.isArray(pids) ? pids.map(Number) : []
}

async function pidOf (pod: string): Promise<number> {
  const environments = await Promise.all((await podPids()).map(async (pid) => ({ pid, text: await environment(pid) })))
  const found = environments.find(({ text }) => text.includes(`POD_NAME=${pod}`))
  if (found === undefined) throw new Error(`no process of pod ${pod} among ${environments.map(({ pid }) => pid).join(', ')}`)
  return found.pid
}

function environment (pid: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // `ps eww` prints the environment of one's own processes on Linux and macOS alike.
    const child = spawn('ps', ['eww', '-o', 'command=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString() })
    child.on('error', reject)
    child.on('close', () => resolve(text))
  })
}

function alive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
