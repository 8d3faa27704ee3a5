import { createRequire } from 'node:module'
import type * as Undici from 'undici'

const require = createRequire(import.meta.url)

/**
 * The way out of a process, made once: straight, or through the proxy that HTTP_PROXY names (on the laptop the pod's
 * sidecar). Deadlines are the client's own, so undici's are off. undici is loaded here, not before: a service that calls
 * nobody goes without its 10 MB.
 */
export function createDispatcher (): Undici.Dispatcher {
  const { EnvHttpProxyAgent }: typeof Undici = require('undici')
  return new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0 })
}
