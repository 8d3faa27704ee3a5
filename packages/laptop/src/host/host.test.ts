import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examine, type DoctorOptions } from './doctor.ts'
import { AlreadyRunningError, findLeftovers, findRunning, takePidFile } from './pid-file.ts'
import { checkPorts } from './ports.ts'
import { findPortHolder } from './processes.ts'
import { OptionError, readCollector, readPorts } from './up-options.ts'

let directory: string

beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'bankinfo-host-')) })
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

async function withListener (use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    await use(typeof address === 'object' && address !== null ? address.port : 0)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

describe('ports', () => {
  it('are the usual ones, unless a variable or, before it, a flag says otherwise', () => {
    expect(readPorts({}, {})).toMatchObject({ page: 8080, api: 26443 })
    expect(readPorts({}, {}).overrides.size).toBe(0)
    const chosen = readPorts({ port: '9000' }, { BANKINFO_PORT: '9001', BANKINFO_HTTPS_PORT: '9002', BANKINFO_API_PORT: '9003' })
    expect(chosen).toMatchObject({ page: 9000, api: 9003 })
    expect([...chosen.overrides]).toEqual([[80, 9000], [443, 9002]])
    expect(chosen.needed.map(({ port }) => port)).toEqual([9000, 9003])
  })

  it('that are none are named, all of them', () => {
    expect(() => readPorts({ port: 'x' }, { BANKINFO_API_PORT: '70000' })).toThrow(new OptionError('--port: expected a port from 1 to 65535, got "x"; BANKINFO_API_PORT: expected a port from 1 to 65535, got "70000"'))
  })

  it('in use are told with the process that has them', async () => {
    await withListener(async (port) => {
      expect((await findPortHolder(port))?.pid).toBe(process.pid)
      await expect(checkPorts([{ port, what: 'the page', flag: '--port', variable: 'V' }])).rejects.toThrow(`port ${port} (the page) is in use by process ${process.pid} (`)
    })
  })
})

describe('the collector of spans', () => {
  it('is what OpenTelemetry\'s variable says, none without it', () => {
    expect(readCollector({ OTEL_EXPORTER_OTLP_ENDPOINT: ' http://127.0.0.1:4318/ ' })).toBe('http://127.0.0.1:4318/')
    expect(readCollector({})).toBeUndefined()
    expect(readCollector({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined()
  })

  it.each(['localhost:4318', 'grpc://127.0.0.1:4317', 'x'])('is not %s', (text) => {
    expect(() => readCollector({ OTEL_EXPORTER_OTLP_ENDPOINT: text })).toThrow(new OptionError(`OTEL_EXPORTER_OTLP_ENDPOINT: expected the address of an OTLP/HTTP collector such as http://127.0.0.1:4318, got "${text}"`))
  })
})

describe('the pid file', () => {
  it('is one cluster\'s until it is released', async () => {
    const file = await takePidFile(directory, { page: 'http://127.0.0.1:1/productpage', api: 'https://127.0.0.1:2' })
    await file.notePods([1, 2])
    expect(await findRunning(directory)).toMatchObject({ pid: process.pid, page: 'http://127.0.0.1:1/productpage' })
    await file.release()
    expect(await findRunning(directory)).toBeUndefined()
  })

  it('of a process that has gone, or of one that is something else now, does not count', async () => {
    await writeFile(join(directory, 'bankinfo.pid'), JSON.stringify({ pid: process.pid, page: '', startedAt: '', command: 'another program' }))
    expect(await findRunning(directory)).toBeUndefined()
    await writeFile(join(directory, 'bankinfo.pid'), '{"pid": 12')
    const file = await takePidFile(directory, { page: '', api: '' })
    await file.release()
  })

  it('takes no strange process for a pod that was left', async () => {
    await writeFile(join(directory, 'pods.pid'), JSON.stringify([process.pid, 1, 'x']))
    expect(await findLeftovers(directory)).toEqual([])
  })

  it('says who is running already and how to stop it', () => {
    const error = new AlreadyRunningError({ pid: 7, startedAt: 'then', page: 'http://127.0.0.1:8080/productpage', api: '', command: '' })
    expect(error.message).toMatch(/process 7.*bankinfo down/)
  })
})

describe('the doctor', () => {
  const examined = async (changes: Partial<DoctorOptions>) => await examine({
    root: directory, directory: join(directory, 'state'), env: { PATH: process.env.PATH }, node: process.version, ...changes
  })

  it('finds an old Node', async () => {
    expect(await examined({ node: 'v18.20.0' })).toContainEqual(expect.objectContaining({ state: 'wrong', text: expect.stringContaining('v18.20.0 is too old') }))
  })

  it('finds packages that are not installed', async () => {
    expect(await examined({})).toContainEqual(expect.objectContaining({ state: 'wrong', mend: 'npx -y pnpm@12 install' }))
    await mkdir(join(directory, 'node_modules'))
    expect(await examined({})).toContainEqual({ state: 'ok', text: 'the packages are installed' })
  })

  it.each([
    [{ http_proxy: 'http://proxy:3128' }, 'wrong', 'http_proxy catches requests to 127.0.0.1 and localhost'],
    [{ HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'localhost' }, 'wrong', 'HTTPS_PROXY catches requests to 127.0.0.1'],
    [{ http_proxy: 'http://proxy:3128', NO_PROXY: '127.0.0.1, localhost' }, 'ok', 'leave 127.0.0.1 and localhost alone'],
    [{}, 'ok', 'no proxy variables']
  ])('looks at proxy variables: %o', async (env, state, text) => {
    expect(await examined({ env })).toContainEqual(expect.objectContaining({ state, text: expect.stringContaining(text) }))
  })

  it('finds a port in use, its process, and says which flag chooses another', async () => {
    await withListener(async (port) => {
      expect(await examined({ env: { BANKINFO_PORT: String(port) } })).toContainEqual(expect.objectContaining({
        state: 'wrong', text: expect.stringContaining(`in use by process ${process.pid}`), mend: expect.stringContaining('--port PORT (or BANKINFO_PORT=PORT)')
      }))
    })
  })

  it('tells whether the cluster runs', async () => {
    expect(await examined({})).toContainEqual({ state: 'note', text: 'the cluster is not running', mend: 'pnpm dev' })
  })
})
