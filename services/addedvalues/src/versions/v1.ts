import { withoutStyleTransfer } from '../routes/without-style-transfer.ts'
import type { Version } from './versions.ts'

/** v1: no analysis, no style transfer. */
export const createV1 = (): Version => ({
  name: 'v1',
  extras: async () => ({}),
  styleTransferRoutes: (app) => withoutStyleTransfer(app, 'v1')
})
