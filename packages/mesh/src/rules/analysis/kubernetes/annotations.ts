import { asFields, type Fields } from '../../value.ts'
import type { FieldPath, Finding } from '../../problem.ts'
import { mostLike } from '../../schema/suggest.ts'
import { findingAt, type Documents, type Subject } from '../documents.ts'

/** Istio's annotations by what they may stand on: https://istio.io/latest/docs/reference/config/annotations/ */
const known: ReadonlyMap<string, readonly string[]> = new Map([
  ...[
    'ambient.istio.io/bypass-inbound-capture', 'ambient.istio.io/dns-capture', 'ambient.istio.io/redirection', 'inject.istio.io/templates', 'istio.io/reroute-virtual-interfaces', 'istio.io/rev',
    'prometheus.istio.io/merge-metrics', 'proxy.istio.io/config', 'proxy.istio.io/overrides', 'readiness.status.sidecar.istio.io/applicationPorts', 'readiness.status.sidecar.istio.io/failureThreshold',
    'readiness.status.sidecar.istio.io/initialDelaySeconds', 'readiness.status.sidecar.istio.io/periodSeconds', 'sidecar.istio.io/agentLogLevel', 'sidecar.istio.io/bootstrapOverride',
    'sidecar.istio.io/componentLogLevel', 'sidecar.istio.io/discoveryAddress', 'sidecar.istio.io/extraStatTags', 'sidecar.istio.io/inject', 'sidecar.istio.io/interceptionMode', 'sidecar.istio.io/logLevel',
    'sidecar.istio.io/nativeSidecar', 'sidecar.istio.io/proxyCPU', 'sidecar.istio.io/proxyCPULimit', 'sidecar.istio.io/proxyImage', 'sidecar.istio.io/proxyImageType', 'sidecar.istio.io/proxyMemory',
    'sidecar.istio.io/proxyMemoryLimit', 'sidecar.istio.io/rewriteAppHTTPProbers', 'sidecar.istio.io/statsCompression', 'sidecar.istio.io/statsEvictionInterval', 'sidecar.istio.io/statsFlushInterval',
    'sidecar.istio.io/statsHistogramBins', 'sidecar.istio.io/statsHistogramBuckets', 'sidecar.istio.io/statsInclusionPrefixes', 'sidecar.istio.io/statsInclusionRegexps', 'sidecar.istio.io/statsInclusionSuffixes',
    'sidecar.istio.io/status', 'sidecar.istio.io/userVolume', 'sidecar.istio.io/userVolumeMount', 'status.sidecar.istio.io/port', 'traffic.sidecar.istio.io/excludeInboundPorts',
    'traffic.sidecar.istio.io/excludeInterfaces', 'traffic.sidecar.istio.io/excludeOutboundIPRanges', 'traffic.sidecar.istio.io/excludeOutboundPorts', 'traffic.sidecar.istio.io/includeInboundPorts',
    'traffic.sidecar.istio.io/includeOutboundIPRanges', 'traffic.sidecar.istio.io/includeOutboundPorts', 'traffic.sidecar.istio.io/kubevirtInterfaces'
  ].map((name): [string, readonly string[]] => [name, ['Pod']]),
  ...['alpha.istio.io/canonical-serviceaccounts', 'alpha.istio.io/kubernetes-serviceaccounts', 'networking.istio.io/exportTo', 'traffic.istio.io/nodeSelector'].map((name): [string, readonly string[]] => [name, ['Service']]),
  ['istio.io/use-waypoint-canary-weight', ['Service', 'ServiceEntry', 'Namespace']],
  ['networking.istio.io/traffic-distribution', ['Namespace', 'Service', 'ServiceEntry']],
  ['topology.istio.io/controlPlaneClusters', ['Namespace']],
  ['kubernetes.io/ingress.class', ['Ingress']]
])
/** On whatever object. */
const anywhere = new Set(['galley.istio.io/analyze-suppress', 'gateway.istio.io/controller-version'])

/** With what is said of each after "has been deprecated". */
const deprecated: ReadonlyMap<string, string> = new Map([
  ['sidecar.istio.io/inject', ' in favor of the "sidecar.istio.io/inject" label'],
  ...[
    'alpha.istio.io/canonical-serviceaccounts', 'alpha.istio.io/kubernetes-serviceaccounts', 'sidecar.istio.io/discoveryAddress', 'sidecar.istio.io/extraStatTags', 'sidecar.istio.io/statsCompression',
    'sidecar.istio.io/statsInclusionPrefixes', 'sidecar.istio.io/statsInclusionRegexps', 'sidecar.istio.io/statsInclusionSuffixes', 'traffic.sidecar.istio.io/kubevirtInterfaces'
  ].map((name): [string, string] => [name, ''])
])

/** IST0107, IST0108, IST0135: annotations of Istio's that do not exist, stand on the wrong object or have a successor. Pod templates count as pods. */
export function findAnnotationFaults (documents: Documents): Finding[] {
  return [
    ...['Namespace', 'Service', 'Pod', 'Deployment'].flatMap(kind => documents.of(kind).flatMap(subject => check(subject, { kind, metadata: asFields(subject.document.resource.metadata), path: ['metadata'] }))),
    ...documents.of('Deployment').flatMap(subject => check(subject, {
      kind: 'Pod', metadata: asFields(asFields(subject.spec['template'])['metadata']), path: ['spec', 'template', 'metadata']
    }))
  ]
}

function check (subject: Subject, { kind, metadata, path }: { readonly kind: string, readonly metadata: Fields, readonly path: FieldPath }): Finding[] {
  return Object.keys(asFields(metadata['annotations'])).filter(isIstio).flatMap((name): Finding[] => {
    const at = [...path, 'annotations', name]
    if (anywhere.has(name)) return []
    const places = known.get(name)
    if (places === undefined) {
      const like = mostLike(name, [...known.keys()])
      return [findingAt(subject, at, { code: 'IST0108', level: 'Warning', message: `Unknown annotation: ${name}`, hint: like === undefined ? 'Istio ignores it: remove it.' : `Istio ignores it. Did you mean "${like}"?` })]
    }
    const successor = deprecated.get(name)
    const old: Finding[] = successor === undefined || (name === 'sidecar.istio.io/inject' && asFields(metadata['labels'])[name] !== undefined)
      ? []
      : [findingAt(subject, at, {
          code: 'IST0135',
          level: 'Info',
          message: `Annotation "${name}" has been deprecated${successor} and may not work in future Istio versions.`,
          hint: successor === '' ? 'See its page in Istio\'s reference for what takes its place.' : 'Write it among the labels of the pod instead.'
        })]
    if (places.includes(kind)) return old
    return [...old, findingAt(subject, at, {
      code: 'IST0107',
      level: 'Warning',
      message: `Misplaced annotation: ${name} can only be applied to ${places.join(', ')}`,
      hint: kind === 'Deployment' && places.includes('Pod') ? 'Move it to spec.template.metadata.annotations: here no pod gets it.' : `It does nothing on a ${kind}.`
    })]
  })
}

function isIstio (name: string): boolean {
  return name === 'kubernetes.io/ingress.class' || (name.split('/')[0] ?? '').endsWith('istio.io')
}
