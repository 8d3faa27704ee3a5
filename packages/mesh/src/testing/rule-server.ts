/** Two pods with a rule between them; the server tells what it saw. */
import { createServer } from 'node:http'
import { rulesOf } from './cluster.ts'
import type { Answer, CallOptions, TwoPods } from './two-pods.ts'

export interface Told {
  readonly answer: Answer
  readonly path: string
  readonly host: string
  /** Names and values in turn, as they came. */
  readonly fields: readonly string[]
}

/** Starts the server under a VirtualService of these http routes (flow YAML), and further documents. */
export async function serveWith (pods: TwoPods, http: string, more = ''): Promise<void> {
  const address = await pods.serve(createServer((request, response) => {
    request.resume()
    response.setHeader('x-own', 'server')
    response.end(JSON.stringify({ path: request.url, host: request.headers.host, fields: request.rawHeaders }))
  }))
  await pods.cluster(address, {
    rules: rulesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: server}
spec: {hosts: [server], http: ${http}}
${more}`)
  })
}

/** One call, and what the server saw of it. */
export async function tell (pods: TwoPods, options: CallOptions = {}): Promise<Told> {
  const answer = await pods.call(options)
  const seen = JSON.parse(answer.body.toString()) as Omit<Told, 'answer'>
  return { answer, ...seen }
}

/** All values of a field. */
export function valuesOf (fields: readonly string[], name: string): string[] {
  return fields.filter((_value, index) => index % 2 === 1 && fields[index - 1] === name)
}
