import { ServiceError, type App } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'

/**
 * Refuses what another site's page makes a visitor's browser send: every request but GET, HEAD and OPTIONS. A browser
 * says itself where a request comes from, in Sec-Fetch-Site (Fetch Metadata; https and localhost only) or else in
 * Origin, which it sends with every POST and no page can set. A client that sends neither is no browser (curl, the
 * step scripts): it carries nobody's cookies but its own, so there is nothing to forge, and it is let through.
 */
export function refuseCrossSitePosts (app: App): void {
  app.addHook('onRequest', async (request) => {
    if (isSafe(request.method) || isSameSite(request)) return
    throw new ServiceError(403, 'cross_site', 'This came from another site\'s page, and was refused')
  })
}

const isSafe = (method: string) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

function isSameSite ({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (headers.origin === undefined) return true
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host?.toLowerCase()
}
