import { gaussian } from '../blur.ts'
import { alongFlow, type Flow } from './flow.ts'
import { createPlane, type Plane } from '../picture.ts'

export interface LineOptions {
  /** Half the width of a line, in pixels. */
  readonly sigma: number
  /** How much the difference is sharpened; more gives more lines. */
  readonly sharpness?: number
  /** Light level at which a line begins. */
  readonly threshold?: number
  /** Softness of a line's edge; more is harder. */
  readonly hardness?: number
  /** Steps that lines are joined along the flow. */
  readonly reach?: number
}

/**
 * Drawn lines of a picture: 1 on paper, 0 in ink. Extended difference of Gaussians
 * (H. Winnemöller, J. E. Kyprianidis, S. C. Olsen, "XDoG", Computers & Graphics 36, 2012), joined along the edges as by
 * H. Kang et al., "Coherent line drawing", NPAR 2007.
 */
export function lineArt (light: Plane, flow: Flow, { sigma, sharpness = 20, threshold = 0.7, hardness = 8, reach = 4 }: LineOptions): Plane {
  const narrow = gaussian(light, sigma)
  const wide = gaussian(light, sigma * 1.6)
  const below = createPlane(light.width, light.height)
  for (let i = 0; i < below.data.length; i++) {
    below.data[i] = threshold - (1 + sharpness) * narrow.data[i] + sharpness * wide.data[i]
  }
  const joined = alongFlow(below, flow, { reach, step: Math.max(1, sigma), floor: 0 })
  for (let i = 0; i < joined.data.length; i++) {
    const value = joined.data[i]
    joined.data[i] = value <= 0 ? 1 : 1 - Math.tanh(hardness * value)
  }
  return joined
}

/** Difference of light that counts as an edge; less is the noise of a camera. */
const least = 0.004

/** Edges alone, whatever the tone beneath: 0 where flat, towards 1 on the dark side of an edge. */
export function darkEdges (light: Plane, flow: Flow, { sigma, gain = 12, reach = 4 }: { sigma: number, gain?: number, reach?: number }): Plane {
  const narrow = gaussian(light, sigma)
  const wide = gaussian(light, sigma * 1.6)
  const difference = createPlane(light.width, light.height)
  for (let i = 0; i < difference.data.length; i++) difference.data[i] = wide.data[i] - narrow.data[i]
  const joined = alongFlow(difference, flow, { reach, step: Math.max(1, sigma), floor: least })
  for (let i = 0; i < joined.data.length; i++) {
    const value = (joined.data[i] - least) * gain
    joined.data[i] = value <= 0 ? 0 : Math.tanh(value)
  }
  return joined
}
