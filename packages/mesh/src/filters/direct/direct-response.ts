/** A fixed answer. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse */
import type { DirectAnswer } from '../filter.ts'
import type { LocalReply } from '../../http/failure.ts'
import type { HttpRouteSpec } from '../../compile/spec.ts'

export interface DirectResponseSpec {
  status?: number
  /** `bytes` is base64. */
  body?: { string?: string, bytes?: string }
}

export interface DirectResponseConfig {
  readonly kind: 'directResponse'
  readonly status: number
  readonly body: string | Buffer
}

export const directResponse: DirectAnswer<DirectResponseConfig> = { compile, answer, tell }

function compile ({ directResponse: spec }: HttpRouteSpec): DirectResponseConfig | undefined {
  if (spec === undefined) return undefined
  const { string, bytes } = spec.body ?? {}
  return { kind: 'directResponse', status: spec.status ?? 200, body: string ?? Buffer.from(bytes ?? '', 'base64') }
}

function answer ({ status, body }: DirectResponseConfig): LocalReply {
  return { status, flags: '-', details: 'direct_response', body }
}

function tell ({ status, body }: DirectResponseConfig): string[] {
  return [`directResponse: the proxy answers ${status}${body.length === 0 ? '' : `, with a body of ${Buffer.byteLength(body)} bytes`}`]
}
