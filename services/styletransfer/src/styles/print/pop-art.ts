import { mixed, vivid } from '../../pixels/colours/colour.ts'
import { flattened } from '../../pixels/edges/flatten.ts'
import { gaussian } from '../../pixels/blur.ts'
import { grain, textureAt } from '../../pixels/noise.ts'
import { createPicture, createPlane, luminance, type Picture, type Plane, type Rgb } from '../../pixels/picture.ts'
import { reduced } from '../../pixels/resize.ts'
import { levelled, smoothstep } from '../../pixels/tone.ts'
import type { Style } from '../style.ts'

/** From shadow to light: the inks of one panel of the screen print. */
type Inks = readonly [Rgb, Rgb, Rgb, Rgb]

const panels: readonly Inks[] = [
  [[32, 18, 66], [232, 28, 116], [255, 128, 60], [255, 226, 64]],
  [[14, 26, 84], [0, 136, 176], [92, 214, 168], [255, 244, 160]],
  [[70, 8, 40], [236, 60, 34], [255, 150, 186], [190, 240, 245]],
  [[36, 12, 78], [122, 58, 210], [250, 92, 160], [178, 255, 96]]
]

/** Four screen prints of one photo, each in inks of its own, none printed quite in register. */
export const popArt: Style = {
  id: 'pop-art',
  name: { en: 'Pop art', zh: '波普' },
  description: {
    en: 'Four screen prints side by side, each in loud colours of its own.',
    zh: '四联丝网印刷，每一幅都有自己的亮丽配色。'
  },
  detail: { en: 'Sharper contours', zh: '轮廓更锐利' },
  blends: true,
  render: (picture, { detail, strength, unit, checkpoint }) => {
    const small = reduced(vivid(picture, 1.2), 2)
    const flat = flattened(small, { space: (14 - 9 * detail) * unit + 1, range: 0.5 })
    checkpoint()
    const light = levelled(luminance(flat), 1)
    const shadow = gaussian(light, Math.max(0.5, (1.6 - detail) * unit))
    const out = createPicture(picture.width, picture.height)
    panels.forEach((inks, index) => {
      const print = mixed(small, screenPrint(light, shadow, { inks, unit, index }), strength)
      place(out, print, { left: index % 2 === 0 ? 0 : picture.width - print.width, top: index < 2 ? 0 : picture.height - print.height })
      checkpoint()
    })
    return out
  }
}

function screenPrint (light: Plane, shadow: Plane, { inks, unit, index }: { inks: Inks, unit: number, index: number }): Picture {
  const { width, height } = light
  const out = createPicture(width, height)
  const offset = Math.round(2.2 * unit) + 1
  const dx = index % 2 === 0 ? offset : -offset
  const dy = index < 2 ? -offset : offset
  const mottle = grain(90 + index)
  const shifted = createPlane(width, height)
  for (let y = 0; y < height; y++) {
    const sy = Math.min(height - 1, Math.max(0, y + dy))
    for (let x = 0; x < width; x++) shifted.data[y * width + x] = light.data[sy * width + Math.min(width - 1, Math.max(0, x + dx))]
  }
  for (let y = 0, p = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++, i += 3) {
      const speck = (textureAt(mottle, x, y) - 0.5) * 0.05
      const colour = shifted.data[p] + speck
      const middle = smoothstep(0.4, 0.43, colour)
      const bright = smoothstep(0.68, 0.71, colour)
      const black = smoothstep(0.23, 0.2, shadow.data[p] + speck)
      for (let channel = 0; channel < 3; channel++) {
        const ground = inks[1][channel] + (inks[2][channel] - inks[1][channel]) * middle + (inks[3][channel] - inks[2][channel]) * bright * middle
        out.data[i + channel] = ground + (inks[0][channel] - ground) * black * 0.96 + speck * 90
      }
    }
  }
  return out
}

function place (on: Picture, picture: Picture, { left, top }: { left: number, top: number }): void {
  for (let y = 0; y < picture.height; y++) {
    on.data.set(picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3), ((top + y) * on.width + left) * 3)
  }
  // An odd side leaves one row or column between the panels.
  if (top > 0) for (let y = picture.height; y < top; y++) on.data.copyWithin(y * on.width * 3, (y + 1) * on.width * 3, (y + 2) * on.width * 3)
}
