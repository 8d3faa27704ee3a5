/** One thing that was looked at. `wrong` keeps things from working; `note` is worth knowing. */
export interface Finding {
  readonly state: 'ok' | 'note' | 'wrong'
  readonly text: string
  /** What to do about it; a command where there is one. */
  readonly mend?: string
}

export function ok (text: string): Finding {
  return { state: 'ok', text }
}

export function note (text: string, mend: string): Finding {
  return { state: 'note', text, mend }
}

export function wrong (text: string, mend: string): Finding {
  return { state: 'wrong', text, mend }
}
