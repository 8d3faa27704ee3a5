/**
 * Watches pods until one that is not FORMER is ready, then prints its name and the clock at that moment in ms (the API server
 * keeps whole seconds only). COMMAND is a `kubectl get pods --watch` that prints `NAME READY`. Gives up after two minutes.
 * usage: ready.js FORMER COMMAND...
 */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'

const [former = '', command = '', ...args] = process.argv.slice(2)
const watch = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
const timer = setTimeout(() => watch.kill(), 120_000)
process.exitCode = 1
for await (const line of createInterface(watch.stdout)) {
  const [name, ready] = line.split(' ')
  if (name === former || ready !== 'True') continue
  process.stdout.write(`${name} ${Date.now()}\n`)
  process.exitCode = 0
  break
}
clearTimeout(timer)
watch.kill()
