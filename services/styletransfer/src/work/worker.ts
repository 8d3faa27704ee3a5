import { ServiceError } from '@bankinfo/service/errors'
import { parentPort } from 'node:worker_threads'
import { Abandoned } from './job.ts'
import { setUpLibvips } from './libvips.ts'
import type { Assignment, Report } from './messages.ts'
import { preferMainThread } from './priority.ts'
import { runJob } from './run-job.ts'

setUpLibvips()
preferMainThread()

parentPort?.on('message', async ({ job, abandoned }: Assignment) => {
  // The outcome is copied on its way, never handed over: one buffer given away, and V8 checks at each access to each
  // pixel of this thread whether its buffer is still there, which makes a style a tenth slower.
  parentPort?.postMessage(await work(job, abandoned))
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
