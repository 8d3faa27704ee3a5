/**
 * What Istio's validation has found so far. Errors are joined as Go's hashicorp/go-multierror prints them, because that is what
 * `kubectl apply` shows.
 */
export class Verdict {
  readonly warnings: string[] = []
  readonly #errors: string[] = []
  #listed = false

  error (message: string): void {
    this.#errors.push(message)
  }

  /** For an error that Istio puts into a list even when it is the only one. */
  listedError (message: string): void {
    this.#errors.push(message)
    this.#listed = true
  }

  warn (message: string): void {
    this.warnings.push(message)
  }

  get errors (): readonly string[] {
    return this.#errors
  }

  get failed (): boolean {
    return this.#errors.length > 0
  }

  /** Takes over another verdict's errors; its warnings are lost where Istio loses them. */
  addErrors (other: Verdict): void {
    this.#errors.push(...other.#errors)
    if (other.#listed) this.#listed = true
  }

  add (other: Verdict): void {
    this.addErrors(other)
    this.warnings.push(...other.warnings)
  }

  /** All errors in one text, undefined when there is none. */
  get text (): string | undefined {
    const [first] = this.#errors
    if (first === undefined || (this.#errors.length === 1 && !this.#listed)) return first
    const count = this.#errors.length === 1 ? '1 error' : `${this.#errors.length} errors`
    return `${count} occurred:\n\t${this.#errors.map(error => `* ${error}`).join('\n\t')}\n\n`
  }
}
