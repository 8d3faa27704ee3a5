import type { FastifyReply, FastifyRequest } from 'fastify'
import { asObject, parseJson, readObject, type JsonObject } from './body/body.ts'
import type { ApiContext } from './context.ts'
import { deleteCollection, deleteMode, deleteObject } from './write/delete.ts'
import { applyObject } from './patch/apply.ts'
import { applyPatch, readPatch } from './patch/patch.ts'
import { parsePath, type ResourcePath } from './path.ts'
import { getObject, listObjects, represent, representationOf, representList } from './read/read.ts'
import { methodNotAllowed, noSuchResource } from './status.ts'
import { streamLog } from './subresources/log.ts'
import { changeScale, readScale } from './subresources/scale.ts'
import { watchObjects } from './read/watch.ts'
import { createObject, updateObject, writeMode, type Written } from './write/write.ts'

interface Call {
  readonly context: ApiContext
  readonly path: ResourcePath
  readonly query: URLSearchParams
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Answers a request about objects: `/api/...` and `/apis/...`. */
export async function handleResource (context: ApiContext, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const url = new URL(request.url, 'https://localhost')
  const path = parsePath(url.pathname)
  if (path === undefined) throw noSuchResource()
  const call = { context, path, query: url.searchParams, request, reply }
  const { kind, name, subresource } = path
  const method = request.method
  if (subresource === 'log' && method === 'GET') return await streamLog(call)
  if (subresource === 'scale') return await handleScale(call)
  if (subresource !== undefined && subresource !== 'status' && subresource !== 'finalize') throw methodNotAllowed()
  if (!allows(kind.verbs, method, name !== undefined)) throw methodNotAllowed()
  switch (method) {
    case 'GET': return read(call)
    case 'POST': return await create(call)
    case 'PUT': return await replace(call)
    case 'PATCH': return await patch(call)
    default: return await remove(call)
  }
}

function allows (verbs: readonly string[], method: string, named: boolean): boolean {
  const verb = { GET: named ? 'get' : 'list', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: named ? 'delete' : 'deletecollection' }[method]
  const onObject = method === 'PUT' || method === 'PATCH'
  if (named ? method === 'POST' : onObject) return false
  return verb !== undefined && verbs.includes(verb)
}

function read ({ context, path, query, request, reply }: Call): void {
  const representation = representationOf(request.headers.accept, query.get('includeObject') ?? undefined)
  if (['true', '1'].includes(query.get('watch') ?? '')) {
    // From here on the response is no longer fastify's: errors before the first byte are still thrown to it.
    watchObjects(context, { path, query, representation, response: reply.raw })
    reply.hijack()
    return
  }
  if (path.name !== undefined) {
    send(reply, 200, represent(getObject(context, path), path, representation))
    return
  }
  const { resourceVersion } = context.store
  send(reply, 200, representList(listObjects(context, path, query), path, { representation, resourceVersion }))
}

async function create ({ context, path, query, request, reply }: Call): Promise<void> {
  const body = await readObject(bodyOf(request), request.headers['content-type'])
  const written = await createObject(context, path, { body, mode: modeOf(request, query) })
  sendWritten({ request, reply, path, query }, 201, written)
}

async function replace ({ context, path, query, request, reply }: Call): Promise<void> {
  const body = await readObject(bodyOf(request), request.headers['content-type'])
  const written = await updateObject(context, path, { mode: modeOf(request, query), subresource: statusOnly(path), change: () => body })
  sendWritten({ request, reply, path, query }, 200, written)
}

async function patch ({ context, path, query, request, reply }: Call): Promise<void> {
  const { kind, version } = path
  const parsed = await readPatch(bodyOf(request), { contentType: request.headers['content-type'], kind, version })
  const mode = modeOf(request, query)
  if (parsed.type === 'application/apply-patch+yaml') {
    const { created, written } = await applyObject(context, path, { body: asObject(parsed.body), mode, force: query.get('force') === 'true' })
    sendWritten({ request, reply, path, query }, created ? 201 : 200, written)
    return
  }
  const written = await updateObject(context, path, { mode, subresource: statusOnly(path), change: (previous) => applyPatch(previous, parsed) })
  sendWritten({ request, reply, path, query }, 200, written)
}

async function remove ({ context, path, query, request, reply }: Call): Promise<void> {
  const mode = deleteMode(query, optionsOf(request))
  if (path.name !== undefined) {
    send(reply, 200, await deleteObject(context, path, mode))
    return
  }
  const objects = await deleteCollection(context, path, { query, mode })
  const representation = representationOf(undefined, undefined)
  send(reply, 200, representList(objects, path, { representation, resourceVersion: context.store.resourceVersion }))
}

async function handleScale (call: Call): Promise<void> {
  const { context, path, query, request, reply } = call
  if (request.method === 'GET') return send(reply, 200, readScale(getObject(context, path)))
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed()
  send(reply, 200, await changeScale(context, path, {
    mode: modeOf(request, query),
    body: bodyOf(request),
    contentType: request.headers['content-type'],
    patch: request.method === 'PATCH'
  }))
}

function statusOnly ({ subresource }: ResourcePath): 'status' | undefined {
  return subresource === 'status' ? 'status' : undefined
}

function modeOf (request: FastifyRequest, query: URLSearchParams): ReturnType<typeof writeMode> {
  return writeMode(query, request.headers['user-agent'])
}

function bodyOf (request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}

/** DeleteOptions come as JSON; kubectl sends them on every deletion. */
function optionsOf (request: FastifyRequest): JsonObject {
  const body = bodyOf(request)
  return body.length === 0 || body.subarray(0, 4).toString('latin1') === 'k8s\0' ? {} : asObject(parseJson(body))
}

function sendWritten ({ request, reply, path, query }: Pick<Call, 'request' | 'reply' | 'path' | 'query'>, code: number, { object, warnings }: Written): void {
  // RFC 9110's Warning header is gone, Kubernetes goes on using it: 299 without an agent's name.
  if (warnings.length > 0) reply.header('warning', warnings.map((warning) => `299 - ${JSON.stringify(warning)}`))
  const representation = representationOf(request.headers.accept, query.get('includeObject') ?? undefined)
  send(reply, code, represent(object, path, representation))
}

function send (reply: FastifyReply, code: number, body: object): void {
  reply.code(code).header('content-type', 'application/json').send(JSON.stringify(body))
}
