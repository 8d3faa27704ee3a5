import { DependencyError, describeDependency, type Client } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'

export const reachabilitySchema = Type.Object({
  enabled: Type.Boolean({ description: 'whether styletransfer answered just now' }),
  reason: Type.Object({
    code: Type.String({ description: '\'reachable\', or the kind of the failure: blocked, timeout, refused, ...' }),
    status: Type.Optional(Type.Integer({ description: 'status of the answer, where there was one' })),
    en: Type.String(),
    zh: Type.String()
  })
})

/** Whether style transfer can be used now, and why (not). */
export type Reachability = Static<typeof reachabilitySchema>

const reachable: Reachability = {
  enabled: true,
  reason: { code: 'reachable', en: 'styletransfer answers: the style transfer service is open to you.', zh: 'styletransfer 服务应答正常，可以使用照片风格转换。' }
}

/** What to do about a failure that the workshop meets on purpose, after what went wrong. */
const advice: Readonly<Record<string, { en: string, zh: string }>> = {
  blocked: {
    en: 'The mesh lets nothing out that it does not know, and styletransfer stands outside: apply istio/serviceentry.yaml.',
    zh: '网格只放行它认识的目标，而 styletransfer 在网格之外：请应用 istio/serviceentry.yaml。'
  }
}

/**
 * Asks styletransfer for its styles, now and on behalf of this request, and says whether it can be used. Its API is asked,
 * not its health: rules of the mesh (delay, abort, a closed egress) then show, and for the very user they are meant for.
 */
export async function reachability (client: Client, request: FastifyRequest, timeout: number): Promise<Reachability> {
  try {
    await client.json({ from: request, path: '/styles', timeout, attempts: 1, check: isJson })
    return reachable
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error
    const text = describeDependency(error, timeout)
    const more = advice[error.kind]
    return {
      enabled: false,
      reason: {
        code: error.kind,
        ...(error.status === undefined ? {} : { status: error.status }),
        en: more === undefined ? text.en : `${text.en} ${more.en}`,
        zh: more === undefined ? text.zh : `${text.zh}${more.zh}`
      }
    }
  }
}

/** That it is JSON is enough here: v3 shows none of it. */
const isJson = (body: unknown): body is unknown => body !== undefined
