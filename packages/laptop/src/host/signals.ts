const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs something until the process is asked to end. It is told by its signal and gets the time that it needs; a second request
 * ends the process at once.
 */
export async function untilStopped (say: (line: string) => void, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      // The terminal and the package manager may both pass one Ctrl-C on.
      if (Date.now() - asked > 500) process.exit(130)
      return
    }
    asked = Date.now()
    say(`stopping (${name}) ...`)
    abort.abort()
  }
  let asked = 0
  // A fault in one request must not take everybody's cluster away in the middle of a workshop.
  const onFault = (error: unknown): void => say(`error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
  for (const name of stopping) process.on(name, onSignal)
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  try {
    await work(abort.signal)
  } finally {
    for (const name of stopping) process.removeListener(name, onSignal)
    process.removeListener('uncaughtException', onFault)
    process.removeListener('unhandledRejection', onFault)
  }
}
