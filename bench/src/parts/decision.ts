import { compete, type Contender } from '../measure/rounds.ts'
import type { Table } from '../measure/table.ts'
import { credentials, startBackend, startMesh } from '../proxies/cast.ts'
import { authority, target } from '../proxies/scene.ts'
import { withAll, type Part } from './part.ts'

const sizes = [10, 1_000, 10_000] as const

/** What a request costs while more and more rules for other hosts are in force. */
export const decision: Part = {
  name: 'decision',
  summary: 'one hop with 10, 1,000 and 10,000 VirtualServices for other hosts',
  run: (context) => withAll([startBackend], async ([backend]) => {
    if (backend === undefined) throw new Error('no backend was started')
    const address = { host: backend.host, port: backend.port }
    const starts = sizes.map((otherHosts) => () => startMesh(otherHosts.toLocaleString('en'), { backend: address, otherHosts, serverSidecar: true }))
    return withAll(starts, async (proxies) => {
      const scores = await compete(proxies.map((proxy): Contender => ({
        name: proxy.name,
        load: { origin: proxy.direct, target, headers: { host: authority, ...credentials }, connections: context.connections, pids: [proxy.pid] }
      })), context)
      const table: Table = {
        part: 'decision',
        title: 'A hop with many rules for other hosts',
        columns: ['other VirtualServices', 'CPU us/request', 'min..max', 'CPU against 10', 'requests/s', 'p50 ms', 'p99 ms', 'failures'],
        rows: scores.map((score) => [
          score.name, score.cpuMicroseconds, score.cpuRange?.map((value) => value.toFixed(0)).join('..'), score.cpuRatio,
          Math.round(score.requestsPerSecond), score.p50, score.p99, score.failures
        ]),
        notes: [
          'Beside each other VirtualService stands a Service of its host. The request\'s own host has four routes.',
          `Absolute-form, ${context.connections} connections; medians of ${context.rounds} rounds of ${context.seconds} s, by turns.`
        ]
      }
      return [table]
    })
  })
}
