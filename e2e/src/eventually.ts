import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  readonly seconds: number
  /** What was waited for, told when it did not come. */
  readonly what: () => string
}

/**
 * Asks again and again until the answer is true; an exception ends the wait.
 * @throws Error when the deadline passes
 */
export async function eventually (ask: () => boolean | Promise<boolean>, { seconds, what }: Patience): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what()}`)
    await delay(50)
  }
}
