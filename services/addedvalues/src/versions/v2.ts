import { analyse } from '../analysis.ts'
import { withoutStyleTransfer } from '../routes/without-style-transfer.ts'
import type { Version } from './versions.ts'

/** v2: risk and investment analysis. */
export const createV2 = (): Version => ({
  name: 'v2',
  extras: async (product) => ({ analysis: analyse(product) }),
  styleTransferRoutes: (app) => withoutStyleTransfer(app, 'v2')
})
