import type { Gallery } from './gallery.ts'

/** What the style transfer window shows: the form, and after a transfer the result or what went wrong. */
export interface StylePage {
  readonly gallery: Gallery
  /** Values of the form's fields, as they were sent or asked for; the style of a style image is the empty one. */
  readonly chosen: Readonly<Record<string, string>>
  /** The largest picture that is taken. */
  readonly maxBytes: number
  readonly problem?: string
  readonly result?: StyleResult
}

export interface StyleResult {
  /** data: URL of the styled photo. */
  readonly after: string
  /** data: URL of the photo as it came; absent when it was too large to keep. */
  readonly before: string | undefined
  readonly fileName: string
  readonly styleName: string
  readonly ms: number
  /** Who had a part in it, nearest last, like `styletransfer/v1/pod`. */
  readonly via: readonly string[]
}
