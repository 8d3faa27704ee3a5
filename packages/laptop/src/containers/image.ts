import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Finds what an image name stands for. */
export interface Images {
  /** Folder of the package that the image is made from; undefined when there is no such image here. */
  directory(image: string): string | undefined
  /** The images that there are, for the message when one is missing. */
  names(): readonly string[]
}

/**
 * The images of a laptop: `localhost/bankinfo/NAME:TAG`, `bankinfo/NAME` and the like are the workspace package `services/NAME`.
 * The tag does not matter, as there is one state of the source: the one in the folder.
 */
export async function findImages (root: string): Promise<Images> {
  const services = join(root, 'services')
  const entries = await readdir(services, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && existsSync(join(services, entry.name, 'package.json'))).map(({ name }) => name).sort()
  return {
    directory: (image) => {
      const match = /^(?:[^/@]+\/)*bankinfo\/([a-z0-9-]+)(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$/.exec(image)
      const name = match?.[1]
      return name !== undefined && names.includes(name) ? join(services, name) : undefined
    },
    names: () => names.map((name) => `localhost/bankinfo/${name}`)
  }
}
