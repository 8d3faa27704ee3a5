/**
 * The clients, in a process of their own: post-photos.js PHOTO STYLE; sent {url, clients, photos}, it posts so many photos
 * over so many connections and sends back how often each status came. The form is made once, so that the load costs
 * the cores as little as it can.
 */
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'

export interface Load {
  readonly url: string
  readonly clients: number
  readonly photos: number
}

export interface Answered {
  /** Number of answers by status; 0 stands for a connection that broke. */
  readonly statuses: Readonly<Record<number, number>>
  /** ms of processor time of the clients. */
  readonly processor: number
}

const [file = '', style = ''] = process.argv.slice(2)
const boundary = 'photo-boundary'
const part = (head: string, body: Uint8Array | string) => Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')])
const body = Buffer.concat([
  part('name="style"', style),
  part('name="format"', 'jpeg'),
  part('name="image"; filename="photo.jpg"', await readFile(file)),
  Buffer.from(`--${boundary}--\r\n`)
])
const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(body.length) }

process.on('message', async ({ url, clients, photos }: Load) => {
  const used = process.cpuUsage()
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const statuses: Record<number, number> = {}
  let left = photos
  await Promise.all(Array.from({ length: clients }, async () => {
    while (left-- > 0) {
      const status = await post(`${url}/transfer`, agent)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }))
  agent.destroy()
  const { user, system } = process.cpuUsage(used)
  const answered: Answered = { statuses, processor: (user + system) / 1000 }
  process.send?.(answered)
})
process.send?.('ready')

function post (url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('close', () => resolve(answer.complete ? answer.statusCode ?? 0 : 0))
    }).once('error', () => resolve(0)).end(body)
  })
}
