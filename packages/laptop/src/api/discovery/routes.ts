import type { FastifyInstance } from 'fastify'
import { noSuchResource } from '../status.ts'
import { aggregatedDiscovery } from './aggregated.ts'
import { groupDiscovery, groupVersions, legacyGroups, resourceList } from './legacy.ts'
import { openApiDocument, openApiIndex } from './openapi.ts'

const discoveryType = /application\/json;.*as=APIGroupDiscoveryList/

/** Answers what clients ask to learn which kinds there are: discovery in both forms, and the schemas. */
export function registerDiscovery (app: FastifyInstance): void {
  const aggregated = (accept: string | undefined): 'v2' | 'v2beta1' | undefined => {
    const entry = (accept ?? '').split(',').find((one) => discoveryType.test(one))
    return entry === undefined ? undefined : entry.includes('v=v2beta1') ? 'v2beta1' : 'v2'
  }
  for (const root of ['/api', '/apis'] as const) {
    app.get(root, async (request, reply) => {
      const version = aggregated(request.headers.accept)
      if (version === undefined) return root === '/api' ? coreVersions : { kind: 'APIGroupList', apiVersion: 'v1', groups: legacyGroups() }
      reply.header('content-type', `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`).header('vary', 'Accept')
      return JSON.stringify(aggregatedDiscovery(root, version))
    })
  }
  app.get('/api/v1', async () => resourceList('', 'v1'))
  for (const { group, versions } of groupVersions()) {
    if (group === '') continue
    app.get(`/apis/${group}`, async () => groupDiscovery(group))
    for (const version of versions) app.get(`/apis/${group}/${version}`, async () => resourceList(group, version))
  }
  app.get('/openapi/v3', async () => openApiIndex())
  app.get<{ Params: { '*': string } }>('/openapi/v3/*', async (request) => openApiDocument(request.params['*']) ?? missing())
  // Asked for as protobuf by kubectl; no schema at all is an answer, too, and makes it use what it knows itself.
  app.get('/openapi/v2', async (_request, reply) => {
    await reply.header('content-type', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf').send(Buffer.alloc(0))
  })
}

const coreVersions = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }

function missing (): never {
  throw noSuchResource()
}
