import { execFile, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createPingClient } from './grpc/client.ts'
import { roleOf } from './roles.ts'
import { sleep } from './sleep/sleep.ts'

const server = fileURLToPath(new URL('../dist/server.js', import.meta.url))

/** Runs the program with these args on a free port, or as the environment says. */
function run (args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [server, ...args], { env: { PORT: '0', DRAIN_SECONDS: '0', LOG_LEVEL: 'info', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => { child.kill('SIGKILL') })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  return { child, text: () => text }
}

test('a role that there is not is answered with those that there are', () => {
  expect(() => roleOf('htpbin')).toThrow(/^There is no role "htpbin"\.[^]*httpbin +answers[^]*sleep +does nothing/)
  expect(() => roleOf(undefined)).toThrow('No role is given')
  expect(() => roleOf('constructor')).toThrow('There is no role')
})

test('the program ends with 1 where its args name no role', async () => {
  const { code, stderr } = await new Promise<{ code: unknown, stderr: string }>((resolve) => {
    execFile(process.execPath, [server, 'nothing'], (error, _stdout, text) => resolve({ code: error?.code, stderr: text }))
  })
  expect([code, stderr]).toEqual([1, expect.stringContaining('labtools does not start. There is no role "nothing"')])
})

test.each(['SIGTERM', 'SIGINT'] as const)('sleep keeps the process until %s, and ends with 0', (signal) => {
  vi.useFakeTimers()
  onTestFinished(() => { vi.useRealTimers() })
  const exit = vi.fn()
  const process = Object.assign(new EventEmitter(), { exit })
  sleep(process as unknown as NodeJS.Process)
  // Node ends a process that has nothing left to wait for.
  expect(vi.getTimerCount()).toBe(1)
  process.emit(signal)
  expect([vi.getTimerCount(), exit.mock.calls]).toEqual([0, [[0]]])
})

test.each(['httpbin', 'helloworld'])('%s listens, and ends with 0 at SIGTERM', async (role) => {
  const { child, text } = run([role])
  await expect.poll(text, { timeout: 50_000 }).toContain('listening at http://127.0.0.1:')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('grpc-echo ends with 0 at SIGTERM, and names a port that it cannot have', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const { port } = holder.address() as AddressInfo
  const refused = run(['grpc-echo'], { PORT: String(port) })
  expect(await once(refused.child, 'exit')).toEqual([1, null])
  expect(refused.text()).toContain(`grpc-echo cannot listen on 127.0.0.1:${port}`)
  await new Promise((resolve) => holder.close(resolve))

  const { child } = run(['grpc-echo'], { PORT: String(port) })
  const client = createPingClient(`127.0.0.1:${port}`)
  onTestFinished(() => client.close())
  await expect.poll(async () => await client.health('', 500).catch(() => 'not yet'), { timeout: 50_000 }).toBe('SERVING')
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
