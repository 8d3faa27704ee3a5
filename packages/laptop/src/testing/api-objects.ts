/** What tests of the API send, and how they read a refusal. */
import { request as httpsRequest } from 'node:https'
import { ApiFailure } from '../cli/client.ts'
import type { JsonRecord } from '../resources/json.ts'
import type { TestApi } from './api.ts'

export const paths = {
  configMaps: '/api/v1/namespaces/default/configmaps',
  rules: '/apis/networking.istio.io/v1/namespaces/default/virtualservices',
  deployments: '/apis/apps/v1/namespaces/default/deployments'
} as const

export function configMap (name: string, data: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { made: 'here' } }, data }
}

export function route (name: string, spec: object = {}): object {
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name }, spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }] }], ...spec } }
}

export function deployment (name: string): JsonRecord {
  const labels = { app: name }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'localhost/bankinfo/x:1' }] } } } }
}

/** The Status of a write that the API must refuse. @throws Error when it does not */
export async function failure (write: Promise<unknown>): Promise<JsonRecord> {
  const error = await write.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof ApiFailure)) throw new Error(`expected the API to refuse, it answered ${JSON.stringify(error)}`)
  return error.status
}

export interface RawAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Record<string, unknown>
}

/** A request whose headers the test alone decides. */
export function raw ({ port, client }: TestApi, path: string, options: { method?: string, headers?: Record<string, string>, body?: string } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', ca: client.connection.ca, servername: 'localhost', headers: options.headers ?? {} }, (response) => {
      let body = ''
      response.on('data', (piece: Buffer) => { body += piece.toString() })
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, body, headers: response.headers }) })
    })
    request.on('error', reject)
    request.end(options.body)
  })
}
