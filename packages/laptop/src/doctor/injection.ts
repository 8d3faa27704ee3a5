import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { labelsOf, nameOf, type ClusterFacts } from './facts.ts'
import { ok, wrong, type Finding } from './finding.ts'

/** The services of the mesh; styletransfer is outside. */
const meshed = new Set(['productpage', 'details', 'addedvalues'])

/** Do new pods get a sidecar, and do those have one that run? */
export function checkInjection (facts: ClusterFacts): readonly Finding[] {
  return [...label(facts), ...refused(facts), ...withoutSidecar(facts)]
}

function label ({ namespaceObject, namespace, system }: ClusterFacts): readonly Finding[] {
  if (namespaceObject === undefined) return [wrong(`there is no namespace ${namespace}`, `kubectl create namespace ${namespace}`)]
  const labels = labelsOf(namespaceObject)
  const asked = labels['istio-injection']
  const revision = textOf(labels['istio.io/rev'])
  if (asked === 'enabled') return [ok(`namespace ${namespace}: pods that are made get a sidecar`)]
  if (labels['istio.io/dataplane-mode'] === 'ambient') return [ok(`namespace ${namespace} is in the mesh in ambient mode, without sidecars`)]
  const mend = `kubectl label namespace ${namespace} istio-injection=enabled${revision === '' ? '' : ' istio.io/rev-'} --overwrite`
  if (asked !== undefined) return [wrong(`namespace ${namespace} has istio-injection=${textOf(asked)}: no pod gets a sidecar`, mend)]
  if (revision === '') return [wrong(`namespace ${namespace} has no label istio-injection=enabled: no pod gets a sidecar`, mend)]
  const known = system.deployments.some((one) => labelsOf(one).app === 'istiod' && labelsOf(one)['istio.io/rev'] === revision)
  return [known
    ? ok(`namespace ${namespace}: pods that are made get a sidecar of revision ${revision}`)
    : wrong(`namespace ${namespace} asks for revision ${revision}, and no istiod has it`, mend)]
}

/** Pod Security admission refuses the sidecar's init container, and only an event of the ReplicaSet says so. */
function refused ({ events, namespace, deployments }: ClusterFacts): readonly Finding[] {
  const short = deployments.filter((one) => Number(fieldOf(one, 'status', 'readyReplicas') ?? 0) < Number(fieldOf(one, 'spec', 'replicas') ?? 1))
  const event = events.find((one) => one.reason === 'FailedCreate' && textOf(one.message).includes('violates PodSecurity'))
  if (event === undefined || short.length === 0) return []
  return [wrong(
    `Pod Security of namespace ${namespace} refuses pods with a sidecar (${/violates PodSecurity "[^"]*"/.exec(textOf(event.message))?.[0] ?? 'violates PodSecurity'}): istio-init needs NET_ADMIN`,
    `install Istio with its CNI plugin (istioctl install --set components.cni.enabled=true), or: kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`
  )]
}

function withoutSidecar ({ pods, namespace, namespaceObject }: ClusterFacts): readonly Finding[] {
  if (labelsOf(namespaceObject)['istio.io/dataplane-mode'] === 'ambient') return []
  const ours = pods.filter((pod) => meshed.has(textOf(labelsOf(pod).app)) && fieldOf(pod, 'metadata', 'deletionTimestamp') === undefined)
  if (ours.length === 0) return [wrong(`none of Bankinfo's pods is in namespace ${namespace}`, 'kubectl apply -k k8s')]
  const bare = ours.filter((pod) => !hasSidecar(pod))
  if (bare.length === 0) return [ok(`all ${ours.length} pods of the mesh have their sidecar`)]
  return [wrong(
    `without a sidecar (READY 1/1), and so without any rule: ${bare.map(nameOf).join(', ')}; made before the label, or while istiod was away`,
    `kubectl rollout restart deployment -n ${namespace}`
  )]
}

function hasSidecar (pod: JsonRecord): boolean {
  return ['initContainers', 'containers'].some((field) => arrayOf(fieldOf(pod, 'spec', field)).some((one) => recordOf(one).name === 'istio-proxy'))
}
