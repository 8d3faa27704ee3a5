import helmet from '@fastify/helmet'
import type { App } from '@bankinfo/service'

/**
 * What the browser is told to refuse: everything that does not come from here, inline script and style, framing.
 * Nothing that only works over https: the page is served over http on a laptop and behind a plain gateway.
 */
export async function securityHeaders (app: App): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // data: and blob: are the pictures of the style transfer window.
        'img-src': ["'self'", 'data:', 'blob:'],
        'connect-src': ["'self'"],
        'media-src': ["'self'", 'blob:'],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"]
      }
    },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // The page's own address goes to nobody, but a form of ours may say where it was: Origin must not be null.
    referrerPolicy: { policy: 'same-origin' }
  })
}
