/** A proxy's own ports, as a program in the pod sees them. */
import { request as httpRequest } from 'node:http'
import type { TwoPods } from './two-pods.ts'

export interface AdminReply {
  readonly status: number | undefined
  readonly contentType: string | undefined
  readonly body: string
}

/** Asks the client's proxy, as `curl localhost:PORT/PATH` in its pod does. */
export async function askAdmin (pods: Pick<TwoPods, 'proxy' | 'authorization'>, path: string, { port = 15000, method = 'GET' } = {}): Promise<AdminReply> {
  const { proxy: { host, port: proxyPort }, authorization } = pods
  return await new Promise((resolve, reject) => {
    const request = httpRequest({
      host, port: proxyPort, method, path: `http://localhost:${port}${path}`, headers: { host: `localhost:${port}`, 'proxy-authorization': authorization }, agent: false
    }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk })
      response.on('end', () => { resolve({ status: response.statusCode, contentType: response.headers['content-type'], body }) })
    })
    request.on('error', reject)
    request.end()
  })
}
