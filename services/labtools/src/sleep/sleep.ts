/** Stays until SIGTERM or SIGINT, then exits 0. Answers nothing: the pod is there for what is run in it. */
export function sleep (process: NodeJS.Process): void {
  // Node ends when nothing is left that could happen; this keeps it, at no cost.
  const day = setInterval(() => {}, 24 * 60 * 60 * 1000)
  const stop = (): void => {
    clearInterval(day)
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
