import { execFile, execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { removeFolder, scratchFolder } from '../measure/cleanup.ts'
import { startLaptop, type Laptop } from '../measure/laptop.ts'
import { bankinfo, repository } from '../measure/repository.ts'
import { median } from '../measure/rounds.ts'
import type { Cell } from '../measure/table.ts'
import { processTree, proportionalSetSize } from '../measure/usage.ts'
import { withAll, type Part } from './part.ts'

const mebibyte = 2 ** 20

/** What an attendee waits for, and what the whole laptop cluster takes. */
export const laptop: Part = {
  name: 'laptop',
  summary: 'start to the first whole page, apply to effect, time of the CLI, memory of all processes',
  run: async (context) => {
    const times = context.quick ? 1 : 3
    const rows: Cell[][] = []
    const commands: Array<readonly [string, ...string[]]> = [[process.execPath, bankinfo, 'up'], ...(hasPnpm() ? [['pnpm', 'dev'] as const] : [])]
    for (const command of context.quick ? commands.slice(0, 1) : commands) {
      const seconds = await repeat(times, async () => withAll([() => startLaptop(command)], async ([started]) => started?.secondsToPage ?? 0))
      const name = command[0] === 'pnpm' ? 'pnpm dev' : 'bankinfo up'
      context.progress(`${name}: ${seconds.join(', ')} s`)
      rows.push(row(`\`${name}\` to the first whole page, new state`, 's', seconds))
    }
    await withAll([() => startLaptop()], async ([cluster]) => {
      if (cluster === undefined) throw new Error('the laptop was not started')
      rows.push(...memoryRows(cluster.pid))
      rows.push(...await applyRows(cluster, times * 3))
      rows.push(...await cliRows(cluster, times * 3))
    })
    return [{
      part: 'laptop',
      title: 'The laptop cluster',
      columns: ['what', 'unit', 'median', 'min', 'max'],
      rows,
      notes: [
        'An installed clone with its packages built. A whole page is one with no panel missing.',
        '`apply` to effect runs from the start of the command to the first answer that obeys the new rule; after its end no answer may still obey the old one.',
        'RSS counts what processes share once for each; PSS (Linux) counts it once.'
      ]
    }]
  }
}

async function repeat (times: number, work: () => Promise<number>): Promise<number[]> {
  const values: number[] = []
  for (let time = 0; time < times; time++) values.push(await work())
  return values
}

function row (what: string, unit: string, values: readonly number[]): Cell[] {
  return [what, unit, median(values), Math.min(...values), Math.max(...values)]
}

function memoryRows (root: number): Cell[][] {
  const tree = processTree(root)
  const rss = tree.reduce((sum, usage) => sum + usage.rss, 0) / mebibyte
  const shares = tree.map(({ pid }) => proportionalSetSize(pid))
  const rows = [row(`RSS of all ${tree.length} processes`, 'MiB', [rss])]
  if (shares.every((share) => share !== undefined)) rows.push(row(`PSS of all ${tree.length} processes`, 'MiB', [shares.reduce((sum, share) => sum + share, 0) / mebibyte]))
  return rows
}

/** Sends all to one version, then to another, and asks all the time which one answers. */
async function applyRows (cluster: Laptop, times: number): Promise<Cell[][]> {
  const folder = scratchFolder('rules')
  const effects: number[] = []
  let late = 0
  try {
    for (let time = 0; time < times; time++) {
      const version = time % 2 === 0 ? 'v2' : 'v3'
      const file = join(folder, `${version}.yaml`)
      await writeFile(file, virtualService(version))
      const begin = performance.now()
      const state = { running: true }
      const applied = cluster.bankinfo('apply', '-f', file).finally(() => { state.running = false })
      // A failure is for the await below; the loop must see its end first.
      applied.catch(() => {})
      // The mesh may spread requests over all versions before the first rule, so one answer of the right one proves nothing.
      let since: number | undefined
      while (state.running) {
        const asked = performance.now()
        if (await versionThatAnswers(cluster) !== version) since = undefined
        else since ??= asked
        await delay(1)
      }
      await applied
      const end = performance.now()
      for (let ask = 0; ask < 10; ask++) if (await versionThatAnswers(cluster) !== version) late++
      effects.push(Math.min(since ?? end, end) - begin)
    }
  } finally {
    await removeFolder(folder)
  }
  return [row('`bankinfo apply` to effect', 'ms', effects), ['answers by the old rule after `apply` had ended', 'of ' + times * 10, late, undefined, undefined]]
}

function virtualService (version: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: addedvalues
spec:
  hosts:
  - addedvalues
  http:
  - route:
    - destination:
        host: addedvalues
        subset: ${version}
`
}

async function versionThatAnswers ({ gateway }: Laptop): Promise<unknown> {
  const response = await fetch(`${gateway}/api/v1/products/wealth-90/addedvalues`, { signal: AbortSignal.timeout(10_000) })
  const answer: unknown = await response.json()
  return typeof answer === 'object' && answer !== null && 'version' in answer ? answer.version : undefined
}

async function cliRows (cluster: Laptop, times: number): Promise<Cell[][]> {
  const ways = [{ name: 'node packages/laptop/bin/bankinfo.js', program: process.execPath, args: [bankinfo] }]
  if (hasPnpm()) ways.push({ name: 'pnpm bankinfo', program: 'pnpm', args: ['bankinfo'] })
  const rows: Cell[][] = []
  for (const { name, program, args } of ways) {
    for (const command of [['--help'], ['get', 'pods']]) {
      const seconds = await repeat(times, async () => {
        const begin = performance.now()
        await promisify(execFile)(program, [...args, ...command], { cwd: repository, env: cluster.env })
        return (performance.now() - begin) / 1000
      })
      rows.push(row(`\`${name} ${command.join(' ')}\``, 's', seconds))
    }
  }
  return rows
}

function hasPnpm (): boolean {
  try {
    execFileSync('pnpm', ['--version'], { cwd: repository, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
