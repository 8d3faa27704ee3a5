import { arrayOf, fieldOf, recordOf, textOf } from '../../resources/json.ts'
import type { StoredObject } from '../../store/store.ts'
import { badRequest } from '../status.ts'

/** The container that a request means; undefined leaves it to who runs the pod. @throws ApiError 400 for one that the pod does not have */
export function containerOf (pod: StoredObject, wanted: string | undefined): string | undefined {
  const names = ['containers', 'initContainers'].flatMap((field) => arrayOf(fieldOf(pod, 'spec', field)).map((container) => textOf(recordOf(container).name)))
  if (wanted === undefined || wanted === '') {
    const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
    return marked !== undefined && names.includes(marked) ? marked : names[0]
  }
  if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`)
  return wanted
}
