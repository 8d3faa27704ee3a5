import { errorSchema, notFound, type App } from '@bankinfo/service'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import Type from 'typebox'

interface Asset {
  readonly content: Buffer
  readonly type: string
}

/**
 * The page's own files. They are served under a hash of them all, so that they may be kept for ever and a module finds
 * the next one by its relative name.
 */
export interface Assets {
  readonly version: string
  readonly byName: ReadonlyMap<string, Asset>
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
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) {
    const type = types[/\.([a-z]+)$/.exec(file)?.[1] ?? '']
    if (type === undefined) throw new Error(`public/${file} is of no known type: expected ${Object.keys(types).join(', ')}`)
    const content = readFileSync(new URL(file, folder))
    hash.update(`${file} ${content.length} `).update(content)
    byName.set(file, { content, type })
  }
  const version = hash.digest('hex').slice(0, 12)
  return {
    version,
    byName,
    url (file) {
      if (!byName.has(file)) throw new Error(`There is no public/${file}`)
      return `/assets/${version}/${file}`
    }
  }
}

/**
 * GET /assets/{version}/{name}. While a new version is rolled out, a page of one pod may ask another for its files: it
 * gets those that stand under the names now, not to be kept.
 */
export function serveAssets (app: App, assets: Assets): void {
  app.get('/assets/:version/:name', {
    logLevel: 'warn',
    schema: {
      summary: 'Style, script and icon of the pages',
      params: Type.Object({ version: Type.String({ pattern: '^[0-9a-f]{12}$' }), name: Type.String({ maxLength: 100 }) }),
      response: { 200: Type.Any(), 400: errorSchema, 404: errorSchema }
    }
  }, async (request, reply) => {
    const { version, name } = request.params
    const asset = assets.byName.get(name)
    if (asset === undefined) throw notFound('not_found', `There is no file '${name}'`)
    return reply.header('cache-control', version === assets.version ? 'public, max-age=31536000, immutable' : 'no-store').type(asset.type).send(asset.content)
  })
}
