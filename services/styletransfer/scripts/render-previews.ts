import { previewJob, runJob, setUpLibvips, styles } from '@bankinfo/styletransfer'
import { mkdir, readFile, writeFile } from 'node:fs/promises'

/** Gives the sample photo every style, as GET /styles/{id}/preview shows them. */
export async function renderPreviews (samples: URL): Promise<void> {
  setUpLibvips()
  const folder = new URL('previews/', samples)
  await mkdir(folder, { recursive: true })
  const photo = await readFile(new URL('preview.jpg', samples))
  for (const { id } of styles) {
    const { bytes } = await runJob(previewJob(id, photo), () => {})
    await writeFile(new URL(`${id}.jpg`, folder), bytes)
  }
}
