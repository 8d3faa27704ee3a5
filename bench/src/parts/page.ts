import { fileURLToPath } from 'node:url'
import { freePort, startProgram, type Child } from '../measure/child.ts'
import { startLaptop } from '../measure/laptop.ts'
import { repository } from '../measure/repository.ts'
import { compete, type Contender, type Score } from '../measure/rounds.ts'
import type { Table } from '../measure/table.ts'
import { processTree } from '../measure/usage.ts'
import { withAll, type Context, type Part } from './part.ts'

const connections = 16

/** The product page: the three services alone, and the same through gateway and sidecars of a laptop cluster. */
export const page: Part = {
  name: 'page',
  summary: 'the product page, its services alone and through gateway and sidecars',
  run: (context) => withAll<Child & { origin: string }, Table[]>([startServices, async () => {
    const laptop = await startLaptop()
    return { ...laptop, origin: laptop.gateway }
  }], async ([alone, laptop]) => {
    if (alone === undefined || laptop === undefined) throw new Error('the page was not started')
    const scores = await compete([
      contender('productpage, details and addedvalues alone, no mesh', alone),
      contender('through gateway and sidecars', laptop)
    ], context)
    return [tableOf(scores, context)]
  })
}

function contender (name: string, { origin, pid }: { origin: string, pid: number }): Contender {
  const pids = processTree(pid).map((usage) => usage.pid)
  return { name, load: { origin, target: '/productpage', headers: { host: new URL(origin).host }, connections, pids } }
}

function tableOf (scores: readonly Score[], { rounds, seconds }: Context): Table {
  return {
    part: 'page',
    title: 'The product page',
    columns: ['way', 'pages/s', 'p50 ms', 'p99 ms', 'CPU ms/page, all processes', 'failures'],
    rows: scores.map((score) => [
      score.name, Math.round(score.requestsPerSecond), score.p50, score.p99, (score.cpuMicroseconds ?? 0) / 1000, score.failures
    ]),
    notes: [
      `${connections} kept-alive connections, not signed in; medians of ${rounds} rounds of ${seconds} s, by turns. The load takes its part of the cores too.`,
      'For comparison: the productpage of Istio\'s Bookinfo, alone and without any mesh, gave 150 pages/s at 16 connections on two cores, p50 100 ms.'
    ]
  }
}

/** productpage with a details and an addedvalues v1 of its own, straight to each other; one launcher, so that they are one tree. */
async function startServices (): Promise<Child & { origin: string }> {
  const [details, addedvalues, productpage] = [await freePort(), await freePort(), await freePort()]
  const launcher = fileURLToPath(new URL('services-process.js', import.meta.url))
  const child = await startProgram(process.execPath, [launcher, repository, String(details), String(addedvalues), String(productpage)], productpage)
  return { ...child, origin: `http://127.0.0.1:${productpage}` }
}
