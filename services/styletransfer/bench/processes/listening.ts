import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Waits until a service says in its log where it listens, and returns that address. */
export async function listening ({ stdout }: Pick<ChildProcess, 'stdout'>): Promise<string> {
  if (stdout === null) throw new Error('no output of the service to read')
  for await (const line of createInterface(stdout)) {
    const url = /http:\/\/[\w.:]+/.exec(line)?.[0]
    if (url === undefined) continue
    // The log goes on; somebody must read it.
    stdout.resume()
    return url
  }
  throw new Error('the service ended before it listened')
}
