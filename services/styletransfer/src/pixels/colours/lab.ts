import type { Rgb } from '../picture.ts'

/** CIELAB under D65: lightness 0 to 100, a (green to red) and b (blue to yellow) about -110 to 110. */
export type Lab = readonly [number, number, number]

const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const v = value / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
})
const white: Lab = [0.95047, 1, 1.08883]
const edge = 6 / 29

const forward = (t: number) => t > edge ** 3 ? Math.cbrt(t) : t / (3 * edge * edge) + 4 / 29
const back = (t: number) => t > edge ? t ** 3 : 3 * edge * edge * (t - 4 / 29)
const encoded = (v: number) => 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)

/** sRGB (0 to 255) to CIELAB (CIE 15:2004; IEC 61966-2-1 for sRGB). */
export function labOf (red: number, green: number, blue: number): Lab {
  const r = linear[red | 0]
  const g = linear[green | 0]
  const b = linear[blue | 0]
  const x = forward((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / white[0])
  const y = forward(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = forward((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / white[2])
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** CIELAB to sRGB; what no screen shows is cut to 0 to 255. */
export function rgbOf ([lightness, a, b]: Lab): Rgb {
  const fy = (lightness + 16) / 116
  const x = white[0] * back(fy + a / 500)
  const y = back(fy)
  const z = white[2] * back(fy - b / 200)
  const channel = (value: number) => Math.min(255, Math.max(0, encoded(Math.max(0, value))))
  return [
    channel(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    channel(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    channel(0.0556434 * x - 0.2040259 * y + 1.0572252 * z)
  ]
}
