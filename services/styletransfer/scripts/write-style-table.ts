import { styles } from '@bankinfo/styletransfer'
import { readFile, writeFile } from 'node:fs/promises'

const marker = /<!-- styles -->[\s\S]*?(?=\n## )/

/** Writes the table of styles into the README, between its marker and the next heading. */
export async function writeStyleTable (readme: URL): Promise<void> {
  const rows = styles.map(({ id, name, description }) => `| **${name.en}** ${name.zh}<br>\`${id}\`<br>${description.en} | ![${name.en}](goldens/${id}.jpg) |`)
  const own = '| **Your own style** 自选风格图<br>`styleImage`<br>Palette and tonality of a second picture, here of the portrait: histogram of light, mean and deviation (Reinhard et al. 2001), covariance of colour for shadows, middle and lights (Pitié and Kokaram 2007), all in CIELAB. | ![Your own style](goldens/own-style.jpg) |'
  const table = ['<!-- styles -->', '| style | |', '|---|---|', ...rows, own, ''].join('\n')
  const text = await readFile(readme, 'utf8')
  if (!marker.test(text)) throw new Error('README.md has no <!-- styles --> before a heading')
  await writeFile(readme, text.replace(marker, table))
}
