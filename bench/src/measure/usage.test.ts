import { expect, test } from 'vitest'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processTree, usageOf } from './usage.ts'

test('reads the CPU time of a process as the process itself counts it', () => {
  const end = process.cpuUsage().user + 300_000
  while (process.cpuUsage().user < end);
  const before = usageOf(process.pid).cpuSeconds
  const { user, system } = process.cpuUsage()
  // The kernel counts in ticks of 10 ms; elsewhere ps may count whole seconds.
  const tolerance = process.platform === 'linux' ? 0.1 : 1.1
  expect(Math.abs((user + system) / 1e6 - before)).toBeLessThan(tolerance)
})

test('finds a process and those that it started', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  try {
    await once(child, 'spawn')
    const tree = processTree(process.pid)
    expect(tree.map(({ pid }) => pid)).toEqual(expect.arrayContaining([process.pid, child.pid]))
    for (const { rss } of tree.filter(({ pid }) => pid === process.pid)) expect(rss).toBeGreaterThan(1024 * 1024)
  } finally {
    child.kill()
  }
})

test('says so when the process has ended', () => {
  expect(() => usageOf(2 ** 22 + 1)).toThrow(/process 4194305 has ended/)
})
