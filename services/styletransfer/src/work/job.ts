import type { OutputFormat } from '../intake/output-format.ts'

/** A photo to be styled; plain data that crosses to a worker. */
export interface Job {
  readonly image: SourceImage
  /** The user's own picture whose palette is taken, in place of a style. */
  readonly styleImage?: SourceImage
  readonly style?: string
  /** 0 to 1. */
  readonly strength: number
  /** 0 to 1. */
  readonly detail: number
  /** Without one: JPEG, or PNG where the photo has transparent parts. */
  readonly format?: OutputFormat
  readonly limits: PhotoLimits
}

export interface SourceImage {
  /** Name of the form field, for messages. */
  readonly field: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** sharp's name of the format, as the first bytes tell. */
  readonly format: string
}

export interface PhotoLimits {
  readonly pixels: number
  readonly frames: number
  /** Longer side of the outcome, in pixels. */
  readonly edge: number
  readonly seconds: number
}

/** Longer side of an outcome in pixels, unless the environment says otherwise. */
export const defaultEdge = 1440

export interface Outcome {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly format: OutputFormat
  readonly width: number
  readonly height: number
  /** ms that each step took. */
  readonly timings: { readonly decode: number, readonly style: number, readonly encode: number }
}

/** Thrown inside a job that nobody wants any more. */
export class Abandoned extends Error {
  readonly code = 'abandoned'
}
