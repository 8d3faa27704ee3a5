/** One style of the gallery. */
export interface StyleChoice {
  readonly id: string
  readonly name: string
  readonly description: string
}

/** What the style transfer window shows: the form, and after a transfer the result or what went wrong. */
export interface StylePage {
  readonly styles: readonly StyleChoice[]
  readonly chosen: string | undefined
  readonly maxMegabytes: number
  readonly problem?: string
  readonly result?: {
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
}
