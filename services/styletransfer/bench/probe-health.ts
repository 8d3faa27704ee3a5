/** Asks for /healthz every 20 ms from a thread of its own, whose event loop is as free as a kubelet's; posts the ms of each answer when told to end. */
import { get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

const url: unknown = workerData
const times: number[] = []
const ask = () => {
  const asked = performance.now()
  get(`${String(url)}/healthz`, (answer) => {
    answer.resume().once('end', () => { times.push(performance.now() - asked) })
  })
}
const timer = setInterval(ask, 20)
parentPort?.once('message', () => {
  clearInterval(timer)
  parentPort?.postMessage(times)
})
