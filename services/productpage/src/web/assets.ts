import { errorSchema, notFound, type App } from '@bankinfo/service'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import Type from 'typebox'

interface Asset {
  readonly content: Buffer
  readonly type: string
}

/** The page's own files, by the name they are served under: a hash of the content is in it, so that it may be kept for ever. */
export interface Assets {
  readonly byName: ReadonlyMap<string, Asset>
  /** What stands under a name now: while a new version is rolled out, a page of one pod may ask another for its files. */
  current (name: string): Asset | undefined
  /** The address of a file, like `style.css`. */
  url (file: string): string
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml'
}

/** Reads `public/` once: a handful of small files, served from memory. */
export function readAssets (folder: URL): Assets {
  const byName = new Map<string, Asset>()
  const names = new Map<string, string>()
  for (const file of readdirSync(folder)) {
    const [, stem, extension] = /^(.+)\.([a-z]+)$/.exec(file) ?? []
    const type = extension === undefined ? undefined : types[extension]
    if (type === undefined) throw new Error(`public/${file} is of no known type: expected ${Object.keys(types).join(', ')}`)
    const content = readFileSync(new URL(file, folder))
    const name = `${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 12)}.${extension}`
    byName.set(name, { content, type })
    names.set(file, name)
  }
  return {
    byName,
    current (name) {
      const [, stem, extension] = /^(.+)\.[0-9a-f]{12}\.([a-z]+)$/.exec(name) ?? []
      return byName.get(names.get(`${stem}.${extension}`) ?? '')
    },
    url (file) {
      const name = names.get(file)
      if (name === undefined) throw new Error(`There is no public/${file}`)
      return `/assets/${name}`
    }
  }
}

/** GET /assets/{name}. */
export function serveAssets (app: App, assets: Assets): void {
  app.get('/assets/:name', {
    logLevel: 'warn',
    schema: { summary: 'Style, script and icon of the pages', params: Type.Object({ name: Type.String({ maxLength: 100 }) }), response: { 200: Type.Any(), 404: errorSchema } }
  }, async (request, reply) => {
    const { name } = request.params
    const exact = assets.byName.get(name)
    const asset = exact ?? assets.current(name)
    if (asset === undefined) throw notFound('not_found', `There is no file '${name}'`)
    return reply.header('cache-control', exact === undefined ? 'no-store' : 'public, max-age=31536000, immutable').type(asset.type).send(asset.content)
  })
}
