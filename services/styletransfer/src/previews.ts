import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { defaults } from './intake/form.ts'
import type { Job } from './work/job.ts'

export interface Preview {
  readonly bytes: Buffer
  /** Strong entity tag of the bytes (RFC 9110, section 8.8.3). */
  readonly etag: string
}

/** Small samples of the styles, each read when first asked for and kept. */
export interface Previews {
  of: (style: string) => Promise<Preview>
}

/** The work that a sample takes: the style as it is without being told otherwise, 360 pixels wide. */
export function previewJob (style: string, photo: Uint8Array): Job {
  return {
    image: { field: 'preview', bytes: new Uint8Array(photo), format: 'jpeg' },
    style,
    strength: defaults.strength / 100,
    detail: defaults.detail / 100,
    format: 'jpeg',
    limits: { pixels: 1e7, frames: 1, edge: 360, seconds: 60 }
  }
}

/**
 * The samples that `pnpm --filter @bankinfo/styletransfer samples` rendered: a gallery of all styles shows at once, also
 * on a machine that is busy.
 */
export function createPreviews (folder = new URL('../samples/previews/', import.meta.url)): Previews {
  const kept = new Map<string, Preview>()
  return {
    of: async (style) => {
      const known = kept.get(style)
      if (known !== undefined) return known
      const bytes = await readFile(new URL(`${style}.jpg`, folder))
      const preview = { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
      kept.set(style, preview)
      return preview
    }
  }
}
