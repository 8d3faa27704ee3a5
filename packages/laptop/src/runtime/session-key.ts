import { randomBytes } from 'node:crypto'
import { getKind } from '../controllers/kinds.ts'
import { systemLabel } from './system-objects.ts'
import type { Store } from '../store/store.ts'

/** Secret with the key that productpage signs its sessions with: a visitor stays signed in over restarts and from pod to pod. */
export const sessionSecret = 'productpage-session'

/** Makes the Secret where it is missing; one that is there is kept. */
export async function keepSessionKey (store: Store): Promise<void> {
  const key = { namespace: 'default', name: sessionSecret }
  if (getKind(store, 'Secret', key)?.data?.key !== undefined) return
  // The key itself is text (base64url); a Secret's data is base64 of its bytes.
  const value = Buffer.from(randomBytes(32).toString('base64url')).toString('base64')
  await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: { ...key, labels: { [systemLabel]: 'true' } }, type: 'Opaque', data: { key: value } })
}
