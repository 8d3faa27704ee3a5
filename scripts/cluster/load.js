/**
 * Asks a URL at a constant rate until standard input ends, then prints how the answers were spread:
 * `2000 requests, 200: 2000, p50 4 ms, p99 21 ms`. Exit code 1 when an answer was not 200. usage: load.js URL REQUESTS_PER_SECOND
 */
import { Agent, get } from 'node:http'
import process from 'node:process'

const [url = '', rate = '200'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const counts = new Map()
const times = []
const underWay = new Set()
const start = performance.now()
let sent = 0

const timer = setInterval(() => {
  // What is due by now: a timer that comes late makes up for it.
  const due = Math.floor((performance.now() - start) / 1000 * Number(rate))
  while (sent < due) {
    sent += 1
    const one = ask().finally(() => underWay.delete(one))
    underWay.add(one)
  }
}, 5)

process.stdin.resume().on('end', async () => {
  clearInterval(timer)
  await Promise.all(underWay)
  agent.destroy()
  times.sort((a, b) => a - b)
  const spread = [...counts].map(([status, count]) => `${status}: ${count}`).join(', ')
  process.stdout.write(`${sent} requests in ${((performance.now() - start) / 1000).toFixed(1)} s, ${spread}, p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms\n`)
  process.exitCode = counts.size === 1 && counts.has(200) ? 0 : 1
})

async function ask () {
  const began = performance.now()
  const status = await new Promise((resolve) => {
    get(url, { agent, timeout: 30_000 }, (response) => response.resume().on('end', () => resolve(response.statusCode)).on('error', () => resolve('cut off')))
      .on('timeout', function () { this.destroy(new Error('timeout')) })
      .on('error', (error) => resolve(error.code ?? error.message))
  })
  counts.set(status, (counts.get(status) ?? 0) + 1)
  times.push(performance.now() - began)
}

function percentile (share) {
  return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0)
}
