import type { NodeAgent } from './node-agent.ts'
import type { Store } from '../store/store.ts'

/** What every handler of the API works with. */
export interface ApiContext {
  readonly store: Store
  readonly node: NodeAgent
  /** Called after a write that changes what the mesh does; the write is answered when it resolves. */
  readonly onRuleChange: () => Promise<void>
}
