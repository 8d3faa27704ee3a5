/**
 * Runs a command that is no Node program as a pod's process: `node supervisor.js COMMAND ARGS...`. It leads a process group of
 * its own and ends the whole group when its channel to the laptop process closes.
 */
import { spawn } from 'node:child_process'

const [command = '', ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: 'inherit' })

process.channel?.unref()
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.on('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${command}: ${error.code === 'ENOENT' ? 'no such command' : error.message}\n`)
  // The shell's own numbers: 127 not found, 126 not to be run.
  process.exit(error.code === 'ENOENT' ? 127 : 126)
})
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15))
})
