import type { ParsedDocument } from '../manifest/manifest.ts'
import type { Finding, FindingLevel } from '../problem.ts'
import type { SchemaError } from '../schema/field-error.ts'
import { validateSchema } from '../schema/validate.ts'
import { findUncheckedServers, findUnusedSubsets } from './destination-rules.ts'
import { indexDocuments } from './documents.ts'
import { findDuplicateCertificates, findGatewayConflicts, findGatewayReferences } from './gateways.ts'
import { findAnnotationFaults } from './kubernetes/annotations.ts'
import { findDividedPorts, findReservedUsers } from './kubernetes/deployments.ts'
import { findConflictingInjection, findPodsWithoutProxy, findUninjectedNamespaces } from './kubernetes/injection.ts'
import { findPortNames } from './kubernetes/port-names.ts'
import { findSharedHosts } from './mesh-hosts.ts'
import { findIngressWithoutSubsets, findMissingHosts, findMissingReferences } from './references.ts'
import { findPitfalls } from './pitfalls/pitfalls.ts'
import { collectHosts } from './registry.ts'
import { findRuleFaults } from './rule-checks.ts'
import { findServiceEntryFaults } from './service-entries.ts'
import { findSidecarConflicts, findUnusedSidecars } from './sidecars.ts'

export interface AnalyzeOptions {
  /** Namespace of documents that name none; `default` when absent. */
  readonly namespace?: string
  /**
   * What the documents are: `none`, as for `istioctl analyze --use-kube=false`, leaves every check out that needs Kubernetes objects;
   * `files` (the default) makes those that Services and workloads among the documents allow, and holds nothing to be missing that may
   * simply be in another file; `cluster` takes the documents for all that a cluster has.
   */
  readonly kubernetes?: 'none' | 'files' | 'cluster'
}

const severity: Readonly<Record<FindingLevel, number>> = { Error: 0, Warning: 1, Info: 2 }

/**
 * Looks at rules together, and with the Kubernetes objects that they name, the way `istioctl analyze` does: its codes, levels and
 * messages. Unknown fields and wrong types are not its business, see {@link findSchemaProblems}; rules of a wrong type are left out.
 * @returns findings, the worst first, without doubles
 */
export function analyze (documents: readonly ParsedDocument[], options: AnalyzeOptions = {}): Finding[] {
  const { namespace = 'default', kubernetes = 'files' } = options
  const readable = documents.filter(({ resource }) => !validateSchema(resource).some(isUndecodable))
  const index = indexDocuments(readable, namespace)
  const findings = [...findRuleFaults(index), ...findMissingReferences(index), ...findSharedHosts(index), ...findServiceEntryFaults(index), ...findUncheckedServers(index), ...findDuplicateCertificates(index)]
  if (kubernetes !== 'none') {
    const complete = kubernetes === 'cluster'
    const registry = collectHosts(index, complete)
    findings.push(
      ...findMissingHosts(index, registry), ...findIngressWithoutSubsets(index, { registry, complete }), ...findUnusedSubsets(index, registry, complete),
      ...findGatewayConflicts(index, complete), ...findSidecarConflicts(index), ...findPortNames(index), ...findUninjectedNamespaces(index, complete),
      ...findConflictingInjection(index), ...findAnnotationFaults(index), ...findDividedPorts(index), ...findReservedUsers(index), ...findPitfalls(index, registry)
    )
    if (complete) findings.push(...findGatewayReferences(index), ...findUnusedSidecars(index), ...findPodsWithoutProxy(index))
  }
  return withoutDoubles(findings.sort(bySeverity))
}

/** What Istio cannot even read into its own types; it leaves such rules out of an analysis. */
function isUndecodable ({ type, message }: SchemaError): boolean {
  return type === 'typeInvalid' || type === 'unsupportedValue' || message.includes('should be greater than') || message.includes('should be less than')
}

function bySeverity (a: Finding, b: Finding): number {
  return severity[a.level] - severity[b.level] || compare(a.code, b.code) || compare(a.resource, b.resource) || compare(a.file, b.file) || a.line - b.line || compare(a.message, b.message)
}

function compare (a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function withoutDoubles (findings: readonly Finding[]): Finding[] {
  const key = ({ code, resource, file, line, message }: Finding): string => [code, resource, file, line, message].join('\u0000')
  return [...new Map(findings.map(finding => [key(finding), finding])).values()]
}
