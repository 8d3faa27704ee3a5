import { lowPoly } from './craft/low-poly.ts'
import { mosaic } from './craft/mosaic.ts'
import { neon } from './craft/neon.ts'
import { paperCut } from './craft/paper-cut.ts'
import { stainedGlass } from './craft/stained-glass.ts'
import { charcoal } from './drawing/charcoal.ts'
import { comic } from './drawing/comic.ts'
import { engraving } from './drawing/engraving.ts'
import { pencilSketch } from './drawing/pencil-sketch.ts'
import { inkWash } from './painting/ink-wash.ts'
import { oilPaint } from './painting/oil-paint.ts'
import { pointillism } from './painting/pointillism.ts'
import { watercolour } from './painting/watercolour.ts'
import { cyanotype } from './print/cyanotype.ts'
import { duotone } from './print/duotone.ts'
import { halftone } from './print/halftone.ts'
import { popArt } from './print/pop-art.ts'
import { vintage } from './print/vintage.ts'
import type { Style } from './style.ts'

/** Every style, in the order of the gallery. */
export const styles: readonly Style[] = [
  inkWash,
  oilPaint,
  watercolour,
  pencilSketch,
  charcoal,
  engraving,
  comic,
  popArt,
  halftone,
  pointillism,
  mosaic,
  stainedGlass,
  lowPoly,
  paperCut,
  neon,
  cyanotype,
  duotone,
  vintage
]

const byId = new Map(styles.map((style) => [style.id, style]))

/** The style of an id, or undefined. */
export const findStyle = (id: string): Style | undefined => byId.get(id)
