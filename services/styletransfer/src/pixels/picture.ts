/** A picture: sRGB, three interleaved 8-bit channels, row by row from the top left. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

/** One number for each pixel, row by row; 0 is black and 1 white where it stands for light. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Float32Array<ArrayBuffer>
}

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [number, number, number]

export const createPicture = (width: number, height: number): Picture =>
  ({ width, height, data: new Uint8ClampedArray(width * height * 3) })

export const createPlane = (width: number, height: number): Plane =>
  ({ width, height, data: new Float32Array(width * height) })

/** Luma of each pixel, 0 to 1 (ITU-R BT.709 weights on the encoded values). */
export function luminance ({ width, height, data }: Picture): Plane {
  const plane = createPlane(width, height)
  for (let i = 0, o = 0; o < plane.data.length; i += 3, o++) {
    plane.data[o] = (0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2]) / 255
  }
  return plane
}
