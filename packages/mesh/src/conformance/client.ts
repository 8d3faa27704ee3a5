/** Carries out a step as its client would: through the pod's proxy, or from outside through the gateway. */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { mark } from './backend.ts'
import type { Base } from './base.ts'
import type { Step } from './case.ts'

export interface Answer {
  readonly status?: number
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: string
  readonly error?: string
  /** Milliseconds. */
  readonly duration: number
}

/** All answers of a step, `c` requests at a time. */
export async function perform (step: Step, base: Base): Promise<Answer[]> {
  const total = step.n ?? 1
  const answers: Answer[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < total) {
      next++
      answers.push(await once(step, base))
    }
  }
  await Promise.all(Array.from({ length: Math.min(step.c ?? 1, total) }, worker))
  return answers
}

async function once (step: Step, base: Base): Promise<Answer> {
  const begin = performance.now()
  try {
    const result = step.tcp === undefined ? await http(step, base) : await tcp(step.tcp, step, base)
    return { ...result, duration: performance.now() - begin }
  } catch (error) {
    return { headers: [], body: '', error: error instanceof Error ? error.message : String(error), duration: performance.now() - begin }
  }
}

type Result = Omit<Answer, 'duration'>

async function http (step: Step, base: Base): Promise<Result> {
  const url = new URL(step.to ?? '')
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)
  const headers: Record<string, string> = { host: step.host ?? url.host, ...(base.run === undefined ? {} : { [mark]: base.run }), ...step.headers }
  if (step.body !== undefined) headers['content-length'] = String(Buffer.byteLength(step.body))
  const method = step.method ?? 'GET'
  if (step.from === 'outside') {
    const [address] = base.gateway.addresses().get(port) ?? []
    if (address === undefined) throw new Error('connect ECONNREFUSED')
    return await exchange(httpRequest({ host: address.host, port: address.port, method, path: url.pathname + url.search, headers, agent: false }), step.body)
  }
  const proxy = await base.proxy(step.from ?? 'productpage')
  if (url.protocol === 'https:' || step.ip !== undefined || step.host !== undefined) {
    const socket = await tunnel(`${step.ip ?? url.hostname}:${port}`, proxy)
    if (url.protocol === 'https:') return await hello(socket, url.hostname)
    return await exchange(httpRequest({ createConnection: () => socket, method, path: url.pathname + url.search, headers }), step.body)
  }
  headers['proxy-authorization'] = proxy.authorization
  return await exchange(httpRequest({ host: proxy.host, port: proxy.port, method, path: step.to, headers, agent: false }), step.body)
}

async function exchange (call: ClientRequest, body: string | undefined): Promise<Result> {
  return await new Promise((resolve, reject) => {
    call.on('error', reject)
    call.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const headers: Array<[string, string]> = []
        const { rawHeaders } = response
        for (let index = 0; index < rawHeaders.length; index += 2) headers.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? ''])
        resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString() })
      })
    })
    call.end(body)
  })
}

interface ProxyAddress {
  readonly host: string
  readonly port: number
  readonly authorization: string
}

async function tunnel (target: string, proxy: ProxyAddress): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const call = httpRequest({ host: proxy.host, port: proxy.port, method: 'CONNECT', path: target, headers: { host: target, 'proxy-authorization': proxy.authorization }, agent: false })
    call.on('error', reject)
    call.on('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) resolve(socket)
      else reject(new Error(`CONNECT was answered ${response.statusCode ?? 0}`))
    })
    call.end()
  })
}

/** A ClientHello is enough to see whether a TLS connection is let through. */
async function hello (socket: Socket, name: string): Promise<Result> {
  const { connect: startTls } = await import('node:tls')
  return await new Promise((resolve, reject) => {
    const secure = startTls({ socket, servername: name, rejectUnauthorized: false }, () => {
      secure.destroy()
      resolve({ headers: [], body: '' })
    })
    secure.on('error', reject)
    secure.on('close', () => { reject(new Error('connection closed')) })
  })
}

async function tcp (target: string, step: Step, base: Base): Promise<Result> {
  const socket = step.from === 'outside'
    ? await outsideSocket(target, base)
    : await tunnel(target, await base.proxy(step.from ?? 'productpage'))
  return await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      socket.destroy()
      resolve({ headers: [], body: chunk.toString('latin1') })
    })
    socket.on('close', () => { reject(new Error('connection closed')) })
    socket.write('hello')
  })
}

async function outsideSocket (target: string, base: Base): Promise<Socket> {
  const [address] = base.gateway.addresses().get(Number(target.split(':').at(-1))) ?? []
  if (address === undefined) throw new Error('connect ECONNREFUSED')
  return await new Promise((resolve, reject) => {
    const socket = connect(address.port, address.host, () => { resolve(socket) })
    socket.on('error', reject)
  })
}
