import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { track } from './cleanup.ts'

export interface Child {
  readonly pid: number
  stop(): Promise<void>
}

export interface ReadyChild extends Child {
  readonly process: ChildProcess
  /** What the process sent when it was ready. */
  readonly ready: unknown
}

/** Starts a module of this package as a process of its own and waits for its first message. */
export async function startModule (module: URL, args: readonly string[] = []): Promise<ReadyChild> {
  const child = track(fork(module, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: nodeOptions() }))
  const stderr = collect(child)
  const ready = await Promise.race([
    once(child, 'message').then(([message]) => ({ message: message as unknown })),
    once(child, 'exit').then(() => undefined)
  ])
  if (ready === undefined) throw new Error(`${module.pathname} ended before it was ready:\n${stderr()}`)
  return { pid: pidOf(child), process: child, ready: ready.message, stop: () => stop(child) }
}

/** Starts a program and waits until something listens on its port of 127.0.0.1. */
export async function startProgram (command: string, args: readonly string[], port: number): Promise<Child> {
  const child = track(spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] }))
  const stderr = collect(child)
  await once(child, 'spawn')
  const deadline = Date.now() + 20_000
  while (!await listens(port)) {
    if (child.exitCode !== null) throw new Error(`${command} ended with code ${child.exitCode} before it listened on ${port}:\n${stderr()}`)
    if (Date.now() > deadline) {
      await stop(child)
      throw new Error(`${command} did not listen on port ${port} within 20 s:\n${stderr()}`)
    }
    await delay(20)
  }
  return { pid: pidOf(child), stop: () => stop(child) }
}

/** A port of 127.0.0.1 that nothing listened on a moment ago, for programs that cannot choose one themselves. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}

/** BANKINFO_BENCH_NODE_OPTIONS reaches the measured processes alone: for a profile of the proxy without one of the harness. */
function nodeOptions (): string[] {
  return (process.env.BANKINFO_BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '')
}

function collect (child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { text = (text + chunk).slice(-4000) })
  return () => text
}

async function listens (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function stop (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}

function pidOf (child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start')
  return child.pid
}
