import { createServer } from 'node:net'
import { findPortHolder } from './processes.ts'

/** A port that the laptop needs, and how the user gives it another one. */
export interface NeededPort {
  readonly port: number
  /** What listens there: `the page`, `the API`. */
  readonly what: string
  readonly flag: string
  readonly variable: string
}

export class PortInUseError extends Error {}

/** The error code that the system answers a listener on this port of 127.0.0.1 with; undefined when it may listen. */
export async function refusal (port: number): Promise<string | undefined> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(undefined)))
  })
}

/** @throws PortInUseError that names the process, as far as it can be seen, and the flag for another port. */
export async function checkPorts (needed: readonly NeededPort[]): Promise<void> {
  for (const { port, what, flag, variable } of needed) {
    const code = await refusal(port)
    if (code === undefined) continue
    const elsewhere = `choose another with ${flag} PORT or ${variable}=PORT`
    if (code !== 'EADDRINUSE') throw new PortInUseError(`port ${port} (${what}) cannot be opened: ${code}; ${elsewhere}.`)
    const holder = await findPortHolder(port)
    const who = holder === undefined ? 'another process' : `process ${holder.pid} (${shorten(holder.command)})`
    throw new PortInUseError(`port ${port} (${what}) is in use by ${who}: stop it, or ${elsewhere}.`)
  }
}

function shorten (command: string): string {
  return command.length > 60 ? `${command.slice(0, 57)}...` : command
}
