import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { defaults } from './intake/form.ts'
import type { Pool } from './work/pool.ts'

export interface Preview {
  readonly bytes: Buffer
  /** Strong entity tag of the bytes (RFC 9110, section 8.8.3). */
  readonly etag: string
}

/** Small samples of the styles, each rendered when first asked for and kept. */
export interface Previews {
  of: (style: string) => Promise<Preview>
}

/** Longer side of a preview, in pixels. */
const edge = 360

export function createPreviews (pool: Pool, sample = new URL('../samples/preview.jpg', import.meta.url)): Previews {
  const made = new Map<string, Promise<Preview>>()
  const render = async (style: string): Promise<Preview> => {
    const bytes = new Uint8Array(await readFile(sample))
    const outcome = await pool.run({
      image: { field: 'preview', bytes, format: 'jpeg' },
      style,
      strength: defaults.strength / 100,
      detail: defaults.detail / 100,
      format: 'jpeg',
      limits: { pixels: 4_000_000, frames: 1, edge, seconds: 20 }
    }, { patient: true })
    return { bytes: Buffer.from(outcome.bytes.buffer), etag: `"${createHash('sha256').update(outcome.bytes).digest('base64url').slice(0, 22)}"` }
  }
  return {
    of: (style) => {
      const kept = made.get(style)
      if (kept !== undefined) return kept
      const preview = render(style)
      made.set(style, preview)
      // A failure is not kept: the next one who asks tries again.
      preview.catch(() => made.delete(style))
      return preview
    }
  }
}
