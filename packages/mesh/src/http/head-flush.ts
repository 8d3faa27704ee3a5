/** Heads of answers wait for what comes with them in one read, so that a small answer leaves in one write. */

interface Begun {
  /** Sends the head alone where the body keeps the client waiting, as an event stream's does. */
  readonly flush: () => void
}

let begun: Begun[] = []

export function flushSoon (answer: Begun): void {
  if (begun.push(answer) === 1) setImmediate(flushAll)
}

function flushAll (): void {
  const answers = begun
  begun = []
  for (const answer of answers) answer.flush()
}
