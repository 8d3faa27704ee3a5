import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

export interface Preview {
  readonly bytes: Buffer
  /** Strong entity tag of the bytes (RFC 9110, section 8.8.3). */
  readonly etag: string
}

/** Small samples of the styles, each read when first asked for and kept. */
export interface Previews {
  of: (style: string) => Promise<Preview>
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
