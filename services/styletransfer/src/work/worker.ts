import { ServiceError } from '@bankinfo/service'
import { parentPort } from 'node:worker_threads'
import { Abandoned } from './job.ts'
import { setUpLibvips } from './libvips.ts'
import type { Assignment, Report } from './messages.ts'
import { preferMainThread } from './priority.ts'
import { runJob } from './run-job.ts'

setUpLibvips()
preferMainThread()

parentPort?.on('message', async ({ job, abandoned }: Assignment) => {
  const report = await work(job, abandoned)
  if (report.kind !== 'done') return parentPort?.postMessage(report)
  // The memory is libvips' own, which Node 21 and newer refuse to hand over: a copy goes.
  const bytes = new Uint8Array(report.outcome.bytes)
  parentPort?.postMessage({ ...report, outcome: { ...report.outcome, bytes } } satisfies Report, [bytes.buffer])
})

async function work (job: Assignment['job'], abandoned: Assignment['abandoned']): Promise<Report> {
  try {
    return { kind: 'done', outcome: await runJob(job, () => { if (Atomics.load(abandoned, 0) !== 0) throw new Abandoned() }) }
  } catch (error) {
    if (error instanceof Abandoned) return { kind: 'abandoned' }
    if (error instanceof ServiceError) return { kind: 'refused', status: error.statusCode, code: error.code, message: error.message, details: error.details }
    return error instanceof Error ? { kind: 'failed', message: error.message, stack: error.stack ?? '' } : { kind: 'failed', message: String(error), stack: '' }
  }
}
