/**
 * What Istio takes without a word and what then does something else than it seems to: of these istioctl says nothing, so the codes
 * are our own. Each needs to be certain from the documents alone.
 *
 * | code | what |
 * | --- | --- |
 * | BI0001 | a rule for a Service of the mesh that only a gateway obeys |
 * | BI0002 | a fault beside a timeout or retries of the same route, which do not meet it |
 * | BI0003 | a fault without a percentage, which never happens |
 * | BI0004 | a weight on an only destination |
 * | BI0005 | HTTP rules for a host whose ports are not HTTP |
 * | BI0006 | a rewrite that doubles slashes |
 * | BI0007 | plain HTTP to port 443 |
 * | BI0008 | TLS inside TLS |
 * | BI0009 | routes that the TLS mode of their gateway never asks |
 * | BI0010 | mutual TLS with pods that have no sidecar |
 * | BI0011 | a static ServiceEntry without an address |
 * | BI0012 | outlier detection that ejects nobody |
 * | BI0013 | the injection label on a Deployment, where no pod gets it |
 */
import type { Finding } from '../../problem.ts'
import type { Documents } from '../documents.ts'
import type { Registry } from '../registry.ts'
import { findEmptyEntries, findIdleOutlierDetection } from './endpoints.ts'
import { findMisplacedInjection } from './injection.ts'
import { findDoubledSlashes, findFaultsOutOfReach, findGatewayOnlyRules, findInertFaults, findLoneWeights, findRulesWithoutHttp } from './routes.ts'
import { findDoubleTls, findPlainTextToTls, findTlsWithoutSidecar, findUnaskedRoutes } from './tls.ts'

export function findPitfalls (documents: Documents, registry: Registry): Finding[] {
  return [
    ...findGatewayOnlyRules(documents, registry),
    ...findFaultsOutOfReach(documents),
    ...findInertFaults(documents),
    ...findLoneWeights(documents),
    ...findRulesWithoutHttp(documents),
    ...findDoubledSlashes(documents),
    ...findPlainTextToTls(documents),
    ...findDoubleTls(documents),
    ...findUnaskedRoutes(documents),
    ...findTlsWithoutSidecar(documents),
    ...findEmptyEntries(documents),
    ...findIdleOutlierDetection(documents, registry),
    ...findMisplacedInjection(documents)
  ]
}
