import { EventEmitter } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createApp, type App } from './app.ts'
import { serviceConfig } from './config.ts'
import { start } from './start.ts'

/** Ends what called it, as a real exit does. */
const throwing = (code: number) => { throw new Error(`exit ${code}`) }

/** As much of a process as start touches. */
function fakeProcess (env: Record<string, string>, onExit: (code: number) => void = () => {}) {
  const emitter = new EventEmitter()
  const exit = vi.fn(onExit)
  const stderr = { text: '', write (text: string) { this.text += text } }
  const process = Object.assign(emitter, { env: { LOG_LEVEL: 'silent', ...env }, exit, stderr }) as unknown as NodeJS.Process
  return { process, exit, stderr, signal: (name: NodeJS.Signals) => Promise.allSettled(emitter.listeners(name).map((listener) => listener(name) as unknown)) }
}

async function started (env: Record<string, string>, routes: (app: App) => void = () => {}) {
  const fake = fakeProcess({ PORT: '0', ...env })
  let app: App | undefined
  await start({
    name: 'tested',
    schema: serviceConfig({}),
    buildApp: async (config, deps) => {
      app = await createApp({ name: 'tested', description: '', config, deps })
      routes(app)
      return app
    }
  }, fake.process)
  if (app === undefined) throw new Error('buildApp was not called')
  const running = app
  onTestFinished(() => running.close())
  return { ...fake, app: running, url: `http://127.0.0.1:${(running.server.address() as AddressInfo).port}` }
}

test('is ready once it listens', async () => {
  const { url } = await started({})
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})

test('SIGTERM: not ready, still serving, then closed with exit 0', async () => {
  const { url, app, signal, exit } = await started({ DRAIN_SECONDS: '0.4' }, (app) => { app.get('/work', async () => 'done') })
  const stopped = signal('SIGTERM')
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
  const served = await fetch(`${url}/work`)
  expect(served.status).toBe(200)
  expect(served.headers.get('connection')).toBe('close')
  await stopped
  expect(exit.mock.calls).toEqual([[0]])
  expect(app.server.listening).toBe(false)
})

test('a request in flight ends before the process does, also one that outlasts the drain', async () => {
  let finish = () => {}
  const { url, signal, exit } = await started({ DRAIN_SECONDS: '0' }, (app) => {
    app.get('/slow', async () => {
      await new Promise<void>((resolve) => { finish = resolve })
      return 'whole'
    })
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => get(`${url}/slow`, resolve).on('error', reject))
  await vi.waitFor(() => expect(finish.toString()).toContain('native code'))
  const stopped = signal('SIGTERM')
  await delay(50)
  expect(exit).not.toHaveBeenCalled()
  finish()
  let text = ''
  for await (const chunk of (await answered).setEncoding('utf8') as AsyncIterable<string>) text += chunk
  expect(text).toBe('whole')
  await stopped
  expect(exit.mock.calls).toEqual([[0]])
})

test('a connection that never carried a request does not hold the end up', async () => {
  const { url, app, signal, exit } = await started({ DRAIN_SECONDS: '0' })
  const unused = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => { unused.destroy() })
  const ended = new Promise((resolve) => unused.resume().once('close', resolve))
  await vi.waitFor(() => new Promise<void>((resolve, reject) => app.server.getConnections((error, count) => error === null && count === 1 ? resolve() : reject(error ?? new Error(`${count} connections`)))))
  await signal('SIGTERM')
  expect(exit.mock.calls).toEqual([[0]])
  await ended
})

test('SIGINT does not wait, and a second signal ends at once', async () => {
  const patient = await started({ DRAIN_SECONDS: '60' })
  await patient.signal('SIGINT')
  expect(patient.exit.mock.calls).toEqual([[0]])
  const impatient = await started({ DRAIN_SECONDS: '60' })
  impatient.process.emit('SIGTERM')
  await impatient.signal('SIGTERM')
  expect(impatient.exit.mock.calls).toEqual([[1]])
})

test('a bad environment ends the process before anything is built, naming each key', async () => {
  const fake = fakeProcess({ PORT: 'x', DRAIN_SECONDS: 'y' }, throwing)
  const buildApp = vi.fn()
  await expect(start({ name: 'tested', schema: serviceConfig({}), buildApp }, fake.process)).rejects.toThrow('exit 1')
  expect(fake.stderr.text).toMatch(/^tested does not start\..*PORT: .*DRAIN_SECONDS: /s)
  expect(buildApp).not.toHaveBeenCalled()
})

test('a port in use is told, with what to do', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => { holder.close() })
  const lines: string[] = []
  const fake = fakeProcess({ PORT: String((holder.address() as AddressInfo).port), LOG_LEVEL: 'fatal' }, throwing)
  await expect(start({
    name: 'tested',
    schema: serviceConfig({}),
    buildApp: (config, deps) => createApp({ name: 'tested', description: '', config, deps: { dispatcher: deps.dispatcher, logDestination: { write: (line) => { lines.push(line) } } } })
  }, fake.process)).rejects.toThrow('exit 1')
  expect(lines.join('')).toContain('another process may hold the port')
})
