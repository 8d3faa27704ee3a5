import { compete, type Contender } from '../measure/rounds.ts'
import type { Table } from '../measure/table.ts'
import { credentials, startBackend, startMesh } from '../proxies/cast.ts'
import { authority, target } from '../proxies/scene.ts'
import { withAll, type Part } from './part.ts'

/** What a hop costs when its rules have a fault, a timeout, retries, a mirror, a connection pool and outlier detection. */
export const policies: Part = {
  name: 'policies',
  summary: 'one hop without policies and with all of them',
  run: (context) => withAll([startBackend], async ([backend]) => {
    if (backend === undefined) throw new Error('no backend was started')
    const scene = { backend: { host: backend.host, port: backend.port }, otherHosts: 100, serverSidecar: true }
    return withAll([() => startMesh('without', scene), () => startMesh('with all', { ...scene, policies: true })], async (proxies) => {
      const scores = await compete(proxies.map((proxy): Contender => ({
        name: proxy.name,
        load: { origin: proxy.direct, target, headers: { host: authority, ...credentials }, connections: context.connections, pids: [proxy.pid] }
      })), context)
      const table: Table = {
        part: 'policies',
        title: 'A hop with every policy',
        columns: ['policies', 'CPU us/request', 'min..max', 'CPU against none', 'requests/s', 'p50 ms', 'p99 ms', 'failures'],
        rows: scores.map((score) => [
          score.name, score.cpuMicroseconds, score.cpuRange?.map((value) => value.toFixed(0)).join('..'), score.cpuRatio,
          Math.round(score.requestsPerSecond), score.p50, score.p99, score.failures
        ]),
        notes: [
          'All of them: fault (a delay for 0.001 %), timeout, retries with a time for each try, a mirror for 0.1 %, connectionPool and outlierDetection, on ' +
          'both sides. Every request draws, is counted and has its timers; few are delayed or copied, so that the average is that of the policies themselves.',
          `Absolute-form, ${context.connections} connections; medians of ${context.rounds} rounds of ${context.seconds} s, by turns.`
        ]
      }
      return [table]
    })
  })
}
