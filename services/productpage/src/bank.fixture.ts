import { createDispatcher, readConfig, type App } from '@bankinfo/service'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import supertest from 'supertest'
import { onTestFinished } from 'vitest'
import { buildApp } from './app.ts'
import { configSchema } from './config.ts'

export const details = {
  id: 'wealth-90',
  code: 'BI-W-0090',
  issuer: { en: 'Test Issuer', zh: '测试发行' },
  currency: 'CNY',
  term: { en: '90 days', zh: '90 天' },
  rate: { kind: 'benchmark', min: 2.35, max: 2.85 },
  riskClass: 'R2',
  minimum: 1,
  step: 1,
  fee: { en: 'No fee', zh: '免费' },
  redemption: { en: 'Any time', zh: '随时' },
  settlement: { en: 'At once', zh: '实时' },
  guarantee: { en: 'None', zh: '无' }
}

export const analysis = {
  risk: { class: 'R2', score: 30, factors: [{ code: 'market', level: 2 }], suitableFor: { en: 'Steady', zh: '稳健型' } },
  investment: {
    amount: 10_000,
    days: 90,
    scenarios: [{ code: 'expected', rate: 2.6, value: 10_064.11 }],
    allocation: [{ asset: { en: 'Bonds', zh: '债券' }, percent: 100 }]
  }
}

export const addedValues = (version: string, extras: object = {}) => ({
  version, pod: `addedvalues-${version}-pod`, user: null, services: [{ code: 'hotline', title: { en: 'Advice', zh: '咨询' }, text: { en: 'Any hour', zh: '全天' } }], ...extras
})

/** Answers JSON as one of our services does. */
export function answer (response: ServerResponse, options: { service: string, version?: string, status?: number, body: unknown }): void {
  const { service, version = 'v1', status = 200, body } = options
  response.writeHead(status, { 'content-type': 'application/json', 'x-bankinfo-service': service, 'x-bankinfo-version': version, 'x-bankinfo-pod': `${service}-${version}-pod` })
  response.end(JSON.stringify(body))
}

export const answeringDetails: RequestListener = (_request, response) => answer(response, { service: 'details', body: details })
export const answeringAddedValues: RequestListener = (_request, response) => answer(response, { service: 'addedvalues', version: 'v2', body: addedValues('v2', { analysis }) })

/** Listens on a free port of the loopback until the test ends. */
export async function listen (listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

export interface Bank {
  readonly app: App
  readonly http: ReturnType<typeof supertest>
  /** What details and addedvalues were asked, in order. */
  readonly asked: { url: string, headers: IncomingMessage['headers'] }[]
  /** Log lines as they were written. */
  readonly log: string[]
}

/** productpage in front of two services that answer as told. */
export async function bank (options: { details?: RequestListener, addedValues?: RequestListener, env?: Record<string, string> } = {}): Promise<Bank> {
  const asked: Bank['asked'] = []
  const log: string[] = []
  const recording = (listener: RequestListener): RequestListener => (request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers })
    listener(request, response)
  }
  const config = readConfig(configSchema, {
    DETAILS_URL: await listen(recording(options.details ?? answeringDetails)),
    ADDEDVALUES_URL: await listen(recording(options.addedValues ?? answeringAddedValues)),
    SESSION_KEY: 'a key that only tests have',
    POD_NAME: 'productpage-pod',
    ...options.env
  })
  const dispatcher = createDispatcher()
  const app = await buildApp(config, { dispatcher, logDestination: { write: (line) => { log.push(line) } } })
  onTestFinished(async () => {
    await app.close()
    await dispatcher.destroy()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, http: supertest(app.server), asked, log }
}

/** Signs in and gives the session cookie. */
export async function signedIn ({ http }: Bank, username: string): Promise<string> {
  const reply = await http.post('/login').type('form').send({ username }).expect(303)
  return String(reply.headers['set-cookie']).split(';', 1)[0] ?? ''
}
