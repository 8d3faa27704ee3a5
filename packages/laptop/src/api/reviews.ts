import type { FastifyInstance } from 'fastify'
import { readObject } from './body/body.ts'

const user = { username: 'bankinfo', groups: ['system:masters', 'system:authenticated'] }

/** The questions about oneself that `kubectl auth` asks. Who has the token may do all. */
export function registerReviews (app: FastifyInstance): void {
  const answers = {
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': { allowed: true, reason: 'the token of the laptop cluster may do all' },
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews': {
      incomplete: false,
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }]
    },
    '/apis/authentication.k8s.io/v1/selfsubjectreviews': { userInfo: user }
  }
  for (const [url, status] of Object.entries(answers)) {
    app.post(url, async (request, reply) => {
      const body = await readObject(request.body as Buffer, request.headers['content-type'])
      return await reply.code(201).send({ ...body, metadata: {}, status })
    })
  }
}

/** How discovery names these; they are not kept. */
export const reviewResources = [
  { group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews' },
  { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews' },
  { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews' }
] as const
