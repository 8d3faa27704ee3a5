/** Ten minutes without a crash and the count begins anew. */
const quiet = 600_000

export interface RestartDelay {
  /** Milliseconds to wait before the next start, given how long the last run took. */
  next(ranFor: number): number
}

/**
 * The kubelet's back-off for a container that keeps ending: at once, then 10 s, 20 s, 40 s ... up to 5 minutes.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
export function createRestartDelay (first = 10_000, most = 300_000): RestartDelay {
  let restarts = 0
  return {
    next: (ranFor) => {
      if (ranFor >= quiet) restarts = 0
      const delay = restarts === 0 ? 0 : Math.min(first * 2 ** (restarts - 1), most)
      restarts++
      return delay
    }
  }
}
