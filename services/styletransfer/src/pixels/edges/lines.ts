import { gaussian } from '../blur.ts'
import { alongFlow, type Flow } from './flow.ts'
import { createPlane, type Plane } from '../picture.ts'
import { shrunk, stretchedTo } from '../resize.ts'

/** Difference of light that counts as an edge; less is the noise of a camera. */
const least = 0.004

/**
 * Drawn lines of a picture, whatever the tone beneath: 0 where flat, towards 1 on the dark side of an edge. Difference of
 * Gaussians with a soft threshold (H. Winnemöller, J. E. Kyprianidis, S. C. Olsen, "XDoG", Computers & Graphics 36, 2012),
 * joined along the edges as by H. Kang et al., "Coherent line drawing", NPAR 2007.
 *
 * @param sigma half the width of a line, in pixels
 * @param gain how soon an edge is drawn in full
 * @param reach steps that lines are joined to either side
 */
export function darkEdges (light: Plane, flow: Flow, { sigma, gain = 12, reach = 4 }: { sigma: number, gain?: number, reach?: number }): Plane {
  // Lines some pixels wide are found on half the width; they are made sharp below, at full width.
  const coarse = sigma >= 1.1 && flow.factor % 2 === 0
  const joined = coarse
    ? stretchedTo(joinedDifference(shrunk(light, 2), { ...flow, factor: flow.factor / 2 }, { sigma: sigma / 2, reach }), light.width, light.height)
    : joinedDifference(light, flow, { sigma, reach })
  for (let i = 0; i < joined.data.length; i++) {
    const value = (joined.data[i] - least) * gain
    joined.data[i] = value <= 0 ? 0 : tanh(value)
  }
  return joined
}

/** Padé approximation of the hyperbolic tangent for values of at least 0, true to 3 % and quick. */
const tanh = (value: number) => value > 3 ? 1 : value * (27 + value * value) / (27 + 9 * value * value)

function joinedDifference (light: Plane, flow: Flow, { sigma, reach }: { sigma: number, reach: number }): Plane {
  const narrow = gaussian(light, sigma)
  const wide = gaussian(light, sigma * 1.6)
  const difference = createPlane(light.width, light.height)
  for (let i = 0; i < difference.data.length; i++) difference.data[i] = wide.data[i] - narrow.data[i]
  return alongFlow(difference, flow, { reach, step: Math.max(1, sigma), floor: least })
}
