/** Draws the sample photos into samples/, gives one of them every style and writes the README's table of styles: `pnpm --filter @bankinfo/styletransfer samples`. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { randomFrom } from './random.ts'
import { renderPreviews } from './render-previews.ts'
import { writeStyleTable } from './write-style-table.ts'
import { bright, grey, landscape, night, portrait, transparent, type Scene } from './scenes.ts'

const folder = new URL('../../../samples/', import.meta.url)

/** Shot noise and the softness of a lens, without which a drawing does not behave as a photo does. */
async function photographed ({ svg, width, height }: Scene, strength = 7): Promise<Sharp> {
  const { data, info } = await sharp(Buffer.from(svg)).resize(width, height).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const random = randomFrom(99)
  for (let i = 0; i < data.length; i += 4) {
    const noise = (random() + random() + random() - 1.5) * strength
    for (let channel = 0; channel < 3; channel++) data[i + channel] = Math.min(255, Math.max(0, data[i + channel] + noise))
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } }).blur(0.6)
}

const save = async (name: string, image: Sharp) => writeFile(new URL(name, folder), await image.toBuffer())

/** A picture as an iPhone stores it. sharp's own build writes no HEVC: heif-enc of libheif does (Debian: libheif-examples). */
async function drawHeic (): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'styletransfer-samples-'))
  try {
    const small = join(scratch, 'portrait.png')
    await sharp(fileURLToPath(new URL('portrait.jpg', folder))).resize(96).png().toFile(small)
    await promisify(execFile)('heif-enc', ['-q', '30', '-o', fileURLToPath(new URL('portrait.heic', folder)), small])
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    process.stderr.write('heif-enc is not installed: portrait.heic stays as it is.\n')
  } finally {
    await rm(scratch, { recursive: true })
  }
}

for (const draw of [portrait, landscape, night, bright]) {
  const drawn = draw()
  await save(`${drawn.name}.jpg`, (await photographed(drawn, drawn.name === 'night' ? 12 : 7)).flatten().resize(480, 480, { fit: 'inside' }).jpeg({ quality: 88 }))
}
await save('grey.jpg', (await photographed(grey())).flatten().resize(480, 480, { fit: 'inside' }).toColourspace('b-w').jpeg({ quality: 88 }))
await save('transparent.png', (await photographed(transparent(), 4)).resize(360, 360, { fit: 'inside' }).png({ palette: true, colours: 256 }))
await save('preview.jpg', (await photographed(landscape(), 5)).flatten().extract({ left: 130, top: 40, width: 760, height: 570 }).resize(360, 270).jpeg({ quality: 90 }))
await drawHeic()
await renderPreviews(folder)
await writeStyleTable(new URL('../../../README.md', import.meta.url))
