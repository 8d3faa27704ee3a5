import { DependencyError, describeDependency, type Answerer, type Attempt, type Bilingual, type JsonAnswer } from '@bankinfo/service'

/** One part of the page that another service fills: its answer, or why there is none. */
export type Panel<T> =
  | { readonly ok: true, readonly body: T, readonly from: Answerer, readonly attempts: readonly Attempt[] }
  | { readonly ok: false, readonly message: Bilingual, readonly kind: string, readonly attempts: readonly Attempt[], readonly error: DependencyError }

/**
 * Waits for an answer; a service that is down costs its panel, never the page.
 *
 * @param timeout ms that each attempt was given
 */
export async function panelOf<T> (answer: Promise<JsonAnswer<T>>, timeout: number): Promise<Panel<T>> {
  try {
    return { ok: true, ...await answer }
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error
    return { ok: false, message: describeDependency(error, timeout), kind: error.kind, attempts: error.attempts, error }
  }
}
