/**
 * Asks for /healthz every 20 ms from a process of its own, whose event loop is as free as a kubelet's: sent a list of
 * addresses, it begins; sent `end`, it sends back the ms of each answer by address.
 */
import { get } from 'node:http'

let times: number[][] = []
let timer: NodeJS.Timeout | undefined
const open = new Set<Promise<void>>()

const ask = (url: string, into: number[]) => {
  const asked = performance.now()
  const answered = new Promise<void>((resolve, reject) => {
    get(`${url}/healthz`, (answer) => {
      answer.resume().once('end', () => {
        into.push(performance.now() - asked)
        resolve()
      })
    }).once('error', reject)
  })
  open.add(answered)
  answered.finally(() => open.delete(answered)).catch(() => {})
}

process.on('message', async (message) => {
  if (Array.isArray(message)) {
    const urls = message.map(String)
    times = urls.map(() => [])
    timer = setInterval(() => urls.forEach((url, i) => ask(url, times[i])), 20)
    return
  }
  clearInterval(timer)
  await Promise.all(open)
  process.send?.(times)
})
process.send?.('ready')
