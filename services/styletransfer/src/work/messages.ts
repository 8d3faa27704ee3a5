import type { Job, Outcome } from './job.ts'

/** To a worker: a job, and a flag in shared memory that turns 1 when nobody wants it any more. */
export interface Assignment {
  readonly job: Job
  readonly abandoned: Int32Array<SharedArrayBuffer>
}

/** From a worker: what became of its job. Errors cross as plain data. */
export type Report =
  | { readonly kind: 'done', readonly outcome: Outcome }
  | { readonly kind: 'refused', readonly status: number, readonly code: string, readonly message: string, readonly details: Readonly<Record<string, unknown>> }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'failed', readonly message: string, readonly stack: string }
