import { spawn, type ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { echoPort } from '../../testing/api.ts'
import { startTestCli, type TestCli } from '../../testing/cli.ts'
import { eventually } from '../../testing/fixture.ts'

let cli: TestCli
const running: ChildProcess[] = []

beforeAll(async () => {
  cli = await startTestCli()
  await cli.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'echo-1', namespace: 'default', labels: { app: 'echo' } },
    spec: { containers: [{ name: 'echo', image: 'x:1', ports: [{ name: 'echo', containerPort: echoPort }] }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  })
  await cli.store.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo', namespace: 'default' }, spec: { selector: { app: 'echo' }, ports: [{ name: 'tcp', port: 700, targetPort: 'echo' }] } })
})
afterEach(() => { for (const child of running.splice(0)) child.kill() })
afterAll(() => cli.close())

/** Runs the program until the test is over. */
function start (line: string): { readonly stdout: () => string, readonly stderr: () => string } {
  const bin = fileURLToPath(new URL('../../../bin/bankinfo.js', import.meta.url))
  const child = spawn(process.execPath, [bin, ...line.split(' ')], { env: { ...process.env, BANKINFO_HOME: cli.directory } })
  running.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (piece: Buffer) => { stdout += piece.toString() })
  child.stderr.on('data', (piece: Buffer) => { stderr += piece.toString() })
  return { stdout: () => stdout, stderr: () => stderr }
}

async function ask (port: number, body: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(body)
  let text = ''
  for await (const piece of socket) text += String(piece)
  return text
}

describe('port-forward', () => {
  it.each([['echo-1', `:${echoPort}`], ['pod/echo-1', ':echo'], ['svc/echo', ':700'], ['svc/echo', ':tcp']])('leads from a free port to %s %s', async (target, port) => {
    const program = start(`port-forward ${target} ${port}`)
    const local = Number(await eventually('the port', () => /^Forwarding from 127\.0\.0\.1:(\d+) -> 7$/m.exec(program.stdout())?.[1]))
    expect(await ask(local, 'hello')).toBe('hello')
    expect(await ask(local, 'again')).toBe('again')
    expect(program.stdout()).toContain(`Handling connection for ${local}\nHandling connection for ${local}\n`)
  })

  it('tells that nothing listens in the pod, and stays', async () => {
    const program = start('port-forward echo-1 :81')
    const local = Number(await eventually('the port', () => /:(\d+) -> 81/.exec(program.stdout())?.[1]))
    expect(await ask(local, 'hello').catch(() => '')).toBe('')
    await eventually('the message', () => program.stderr() === 'error: an error occurred forwarding 81: nothing listens\n')
    expect(await ask(local, 'hello').catch(() => '')).toBe('')
  })

  it.each([
    ['port-forward echo-1 99999', '"99999" is no port of pod echo-1'],
    ['port-forward echo-1 http', '"http" is no port of pod echo-1'],
    ['port-forward svc/echo 7', '"7" is no port of service echo'],
    ['port-forward --address 0.0.0.0 echo-1 7', 'listens on 127.0.0.1 alone'],
    ['port-forward none 7', 'pods "none" not found'],
    ['port-forward echo-1', 'missing required argument \'ports\'']
  ])('refuses %s', async (line, message) => {
    expect(await cli.bankinfo(line)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
  })
})
