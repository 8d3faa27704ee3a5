export type * from './model.ts'
export * from './mesh.ts'
export { formatAccessLog, type AccessRecord } from './access-log.ts'
export { formatExplanation, type ExplainedDestination, type ExplainedOutcome, type ExplainedRoute, type Explanation } from './explain.ts'
