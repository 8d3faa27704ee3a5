/** The form of the measured cases. */
import { readFile } from 'node:fs/promises'

export interface MeasuredCase {
  readonly id: string
  readonly title?: string
  readonly rules?: string
  /** MeshConfig fields that differ from Istio's defaults. */
  readonly mesh?: { readonly outboundTrafficPolicy?: { readonly mode?: string } }
  readonly steps: readonly MeasuredStep[]
}

export interface MeasuredStep {
  readonly step: Step
  readonly observed: Observed
}

export interface Step {
  readonly to?: string
  readonly tcp?: string
  readonly from?: string
  readonly n?: number
  readonly c?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly body?: string
  readonly host?: string
  readonly ip?: string
  readonly client_cert?: boolean
  readonly sleep?: number
  readonly rules?: string
  readonly settle?: number
  readonly sequence?: boolean
  readonly note?: string
}

export interface Access {
  readonly proxy: string
  readonly code: number
  readonly flags: string
  readonly details?: string
  readonly cluster?: string
  readonly route?: string
  readonly attempts: number
  readonly authority?: string
  readonly method?: string
  readonly path?: string
  readonly ufail?: string
  readonly sni?: string
  readonly upstream?: string
}

export interface Seen {
  readonly pod: string
  readonly method: string
  readonly path: string
  readonly headers: ReadonlyArray<readonly [string, string]>
}

type Counts = Readonly<Record<string, number>>

export interface Observed {
  /** Only what stands here was looked at: fields of the answer, of the caller's log line and of what the server saw that are not named are not held. */
  readonly partial?: boolean
  readonly status?: number | Counts
  readonly headers?: ReadonlyArray<readonly [string, string]>
  readonly body?: string
  readonly size?: number
  readonly pod?: string
  readonly ms?: number
  readonly error?: string
  readonly access?: readonly Access[]
  readonly downstream_access?: readonly Access[]
  readonly seen?: readonly Seen[]
  readonly n?: number
  readonly pods?: Counts
  readonly flags?: Counts
  readonly ms_min?: number
  readonly ms_max?: number
  readonly backend_requests?: Counts
  readonly first_non_200?: { readonly status: number, readonly headers: ReadonlyArray<readonly [string, string]>, readonly body: string }
  readonly sequence?: readonly unknown[]
}

export async function readCases (file: string): Promise<MeasuredCase[]> {
  const content: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (!Array.isArray(content) || !content.every(isCase)) {
    throw new Error(`${file}: expected a JSON list of cases {id, rules?, steps: [{step, observed}]}`)
  }
  return content
}

function isCase (value: unknown): value is MeasuredCase {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'steps' in value && Array.isArray(value.steps)
}
