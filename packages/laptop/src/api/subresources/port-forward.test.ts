import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSession, type Session } from '../../spdy/session.ts'
import { echoPort, startTestApi, type TestApi } from '../../testing/api.ts'
import { raw } from '../../testing/api-objects.ts'

let api: TestApi
const path = '/api/v1/namespaces/default/pods/web/portforward'

beforeAll(async () => {
  api = await startTestApi()
  await api.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'web', image: 'x:1' }] } })
})
afterAll(() => api.close())

function upgrade (headers: Record<string, string>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    httpsRequest({ host: '127.0.0.1', port: api.port, path, method: 'POST', ca: api.client.connection.ca, servername: 'localhost', headers: { authorization: `Bearer ${api.token}`, connection: 'Upgrade', ...headers } })
      .on('upgrade', (response, socket) => {
        expect(response.headers).toMatchObject({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' })
        resolve(socket)
      })
      .on('response', (response) => { reject(new Error(String(response.statusCode))) })
      .on('error', reject)
      .end()
  })
}

const spdy = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' }

async function forward (session: Session, port: number, body: string): Promise<{ data: string, error: string }> {
  const headers = { port: String(port), requestid: body }
  const errors = await session.open({ ...headers, streamtype: 'error' })
  errors.end()
  const data = await session.open({ ...headers, streamtype: 'data' })
  data.end(body)
  const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    let text = ''
    try {
      for await (const piece of stream) text += piece.toString()
    } catch {
      // A stream that the server threw away.
    }
    return text
  }
  const [text, error] = await Promise.all([read(data), read(errors)])
  return { data: text, error }
}

describe('port-forward', () => {
  it('carries connections over SPDY, as kubectl before 1.31 asks for it', async () => {
    const session = createSession(await upgrade(spdy), { client: true })
    expect(await Promise.all(['one', 'two'].map((body) => forward(session, echoPort, body)))).toEqual([{ data: 'one', error: '' }, { data: 'two', error: '' }])
    session.close()
  })

  it('carries connections over SPDY in a WebSocket, as kubectl asks for it today', async () => {
    // ws holds names of subprotocols to the standard, which this one does not meet: it is put into the request by hand.
    const socket = new WebSocket(`wss://127.0.0.1:${api.port}${path}`, ['replaced'], {
      ca: api.client.connection.ca,
      headers: { authorization: `Bearer ${api.token}` },
      finishRequest: (request) => {
        request.setHeader('Sec-WebSocket-Protocol', 'SPDY/3.1+portforward.k8s.io')
        request.end()
      }
    })
    const answered = new Promise<string>((resolve) => { socket.on('upgrade', (response) => { resolve(String(response.headers['sec-websocket-protocol'])) }) })
    socket.on('error', () => {})
    expect(await answered).toBe('SPDY/3.1+portforward.k8s.io')
  })

  it('says on the error stream what went wrong, and goes on', async () => {
    const session = createSession(await upgrade(spdy), { client: true })
    expect(await forward(session, 81, 'x')).toEqual({ data: '', error: 'an error occurred forwarding 81: nothing listens' })
    expect(await forward(session, echoPort, 'y')).toEqual({ data: 'y', error: '' })
    session.close()
  })

  it('refuses who has no token, other protocols and pods that are not there', async () => {
    await expect(upgrade({ ...spdy, authorization: 'Bearer wrong' })).rejects.toThrow('401')
    await expect(upgrade({ ...spdy, 'x-stream-protocol-version': 'other' })).rejects.toThrow('400')
    await expect(upgrade({ ...spdy, upgrade: 'SPDY/2' })).rejects.toThrow('400')
    expect((await raw(api, path.replace('web', 'none'), { method: 'POST', headers: { authorization: `Bearer ${api.token}`, connection: 'Upgrade', ...spdy } })).status).toBe(404)
  })
})
