import { fieldOf, recordOf } from '../../resources/json.ts'
import type { StoredObject } from '../../store/store.ts'
import { parseJson, readObject, type JsonObject } from '../body/body.ts'
import type { ApiContext } from '../context.ts'
import { mergePatch } from '../patch/merge-patch.ts'
import { readPatch } from '../patch/patch.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import type { ResourcePath } from '../path.ts'
import { badRequest } from '../status.ts'
import { updateObject, type WriteMode } from '../write/write.ts'

/** The Scale of a Deployment or ReplicaSet. */
export function readScale (object: StoredObject): StoredObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const labels = Object.entries(recordOf(fieldOf(object, 'spec', 'selector', 'matchLabels')))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: fieldOf(object, 'spec', 'replicas') ?? 1 },
    status: { replicas: fieldOf(object, 'status', 'replicas') ?? 0, selector: labels.map(([key, value]) => `${key}=${String(value)}`).join(',') }
  }
}

export interface ScaleRequest {
  readonly mode: WriteMode
  readonly body: Buffer
  readonly contentType: string | undefined
  readonly patch: boolean
}

/** Sets the number of replicas. @throws ApiError */
export async function changeScale (context: ApiContext, path: ResourcePath, request: ScaleRequest): Promise<StoredObject> {
  const change = await scaleChange(path, request)
  const { object } = await updateObject(context, { ...path }, {
    mode: request.mode,
    change: (previous) => {
      const scale = change(readScale(previous))
      const replicas = fieldOf(scale, 'spec', 'replicas')
      if (!Number.isInteger(replicas) || Number(replicas) < 0) throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`)
      const wanted = fieldOf(scale, 'metadata', 'resourceVersion')
      return {
        ...previous,
        metadata: { ...previous.metadata, ...(typeof wanted === 'string' && { resourceVersion: wanted }) },
        spec: { ...recordOf(previous.spec), replicas }
      }
    }
  })
  return readScale(object)
}

async function scaleChange ({ kind, version }: ResourcePath, { body, contentType, patch }: ScaleRequest): Promise<(scale: StoredObject) => unknown> {
  if (!patch) {
    const scale: JsonObject = await readObject(body, contentType)
    return () => scale
  }
  const { type } = await readPatch(body, { contentType, kind, version })
  const parsed = parseJson(body)
  return type === 'application/json-patch+json' ? (scale) => applyJsonPatch(scale, parsed) : (scale) => mergePatch(scale, parsed)
}
