import process from 'node:process'
import { runFortio } from './run.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
// `fortio load ... | head -1`: the reader has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error })

process.exitCode = await runFortio(process.argv.slice(2), {
  out: (data) => { process.stdout.write(data) },
  err: (text) => { process.stderr.write(text) },
  signal: stop.signal
})
