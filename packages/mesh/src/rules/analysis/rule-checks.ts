import { asFields, asList, asNumber, isSet } from '../value.ts'
import { formatPath, type FieldPath, type Finding } from '../problem.ts'
import { locateErrors } from '../webhook/locate-errors.ts'
import { checkRule } from '../webhook/validate-rule.ts'
import { findUnusedRoutes } from '../webhook/virtual-service/unused-routes.ts'
import { findingAt, type Documents, type Subject } from './documents.ts'

const ruleKinds = ['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService']

/** IST0106, IST0133, IST0130, IST0131: what Istio's webhook says of each rule on its own; IST0002: fields that have a successor. */
export function findRuleFaults (documents: Documents): Finding[] {
  return [
    ...ruleKinds.flatMap(kind => documents.of(kind)).flatMap(findFaults),
    ...documents.of('VirtualService').flatMap(findUnused),
    ...documents.of('VirtualService').flatMap(findDeprecated),
    ...documents.of('Sidecar').filter(({ spec }) => isSet(asFields(spec['outboundTrafficPolicy'])['egressProxy']))
      .map(subject => findingAt(subject, undefined, deprecated('OutboundTrafficPolicy.EgressProxy ignored')))
  ]
}

function findFaults (subject: Subject): Finding[] {
  const { warnings } = checkRule(subject.document.resource)
  const unused = new Set(routesOf(subject).flatMap(({ routes }) => findUnusedRoutes(routes)).map(({ message }) => message))
  return [
    // istioctl names the object's first line here; where to look stands in the hint.
    ...locateErrors(subject.document.resource).map(({ message, steps }) => ({
      ...findingAt(subject, undefined, {
        code: 'IST0106',
        level: 'Error',
        message: `Schema validation error: ${message}`,
        hint: `Look at line ${subject.document.locate(steps).line}. A cluster refuses this rule, and the laptop too: mend what the message names.`
      }),
      path: formatPath(steps)
    })),
    ...warnings.filter(warning => !unused.has(warning)).map(warning => findingAt(subject, undefined, {
      code: 'IST0133', level: 'Warning', message: `Schema validation warning: ${warning}`, hint: 'The rule is taken as it is; mend what the message names before a later Istio refuses it.'
    }))
  ]
}

function routesOf (subject: Subject): { protocol: string, routes: readonly unknown[] }[] {
  return subject.kind === 'VirtualService' ? ['http', 'tcp', 'tls'].map(protocol => ({ protocol, routes: asList(subject.spec[protocol]) })) : []
}

function findUnused (subject: Subject): Finding[] {
  return routesOf(subject).flatMap(({ routes }) => findUnusedRoutes(routes)).map(({ code, message }) => findingAt(subject, undefined, {
    code,
    level: code === 'IST0130' ? 'Warning' : 'Info',
    message: `${message.replace(/^v/, 'V')}.`,
    hint: code === 'IST0130'
      ? 'Rules are tried in their order and the first that fits counts: move the rule without a match to the end, or remove the one that is never reached.'
      : 'Rules are tried in their order and the first that fits counts: put the narrower match first, or remove the double.'
  }))
}

function findDeprecated (subject: Subject): Finding[] {
  return asList(subject.spec['http']).flatMap((rule, index): Finding[] => {
    const path: FieldPath = ['spec', 'http', index, 'fault', 'delay', 'percent']
    const percent = asNumber(asFields(asFields(asFields(rule)['fault'])['delay'])['percent'])
    return percent > 0 ? [findingAt(subject, path, deprecated('HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage'))] : []
  })
}

function deprecated (what: string): Parameters<typeof findingAt>[2] {
  return { code: 'IST0002', level: 'Warning', message: `Deprecated: ${what}`, hint: 'Write the field that the message names instead; a later Istio will not know the old one.' }
}
