import type { Picture } from '../pixels/picture.ts'

/** A text in both languages of the page. */
export interface Bilingual {
  readonly en: string
  readonly zh: string
}

export interface RenderOptions {
  /** How fine the work is, 0 (bold) to 1 (fine). */
  readonly detail: number
  /** How much of the style, 0 to 1. Only a style that blends for itself reads it. */
  readonly strength: number
  /** Pixels in a thousandth of the picture's mean side: sizes given in it look alike at every resolution. */
  readonly unit: number
  /** Called between steps; throws when the work is no longer wanted or took too long. */
  readonly checkpoint: () => void
}

export type Render = (picture: Picture, options: RenderOptions) => Picture

export interface Style {
  /** Stable, kebab-case: part of addresses. */
  readonly id: string
  readonly name: Bilingual
  readonly description: Bilingual
  /** What less and more detail change. */
  readonly detail: Bilingual
  readonly render: Render
  /** The style applies strength by itself; else its outcome is laid over the photo with that share. */
  readonly blends?: true
}

/** Unit of length for a picture of a size; see RenderOptions.unit. */
export const unitOf = (width: number, height: number): number => Math.sqrt(width * height) / 1000
