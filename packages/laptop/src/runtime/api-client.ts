import { request as httpsRequest, Agent } from 'node:https'
import type { ApiRequest } from './base.ts'

export interface ApiAddress {
  readonly port: number
  /** PEM of the authority that signed the API's certificate. */
  readonly ca: string
  readonly token: string
}

/** Requests to the cluster's own API, over its real port, as kubectl sends them. */
export function createApiClient ({ port, ca, token }: ApiAddress): { readonly request: ApiRequest, close(): void } {
  const agent = new Agent({ keepAlive: true, ca })
  const request: ApiRequest = async (method, path, body) => {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(payload === undefined ? {} : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'content-length': Buffer.byteLength(payload) })
    }
    return await new Promise((resolve, reject) => {
      const call = httpsRequest({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown })
          } catch {
            reject(new Error(`${method} ${path}: the API answered ${response.statusCode} with something that is no JSON: ${text.slice(0, 200)}`))
          }
        })
      })
      call.on('error', reject)
      call.end(payload)
    })
  }
  return { request, close: () => agent.destroy() }
}
