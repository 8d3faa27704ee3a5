import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../resources/json.ts'
import { labelsOf, nameOf, type ClusterFacts } from './facts.ts'
import { ok, wrong, note, type Finding } from './finding.ts'

/** Why pods are not ready, each cause once; and what several pods of one service need. */
export function checkPods (facts: ClusterFacts): readonly Finding[] {
  const ours = [...facts.pods, ...facts.externalPods].filter((pod) => labelsOf(pod)['app.kubernetes.io/part-of'] === 'bankinfo')
  const problems = ours.flatMap(problemOf)
  const causes = [...new Map(problems.map((one) => [one.text, one])).values()]
  return [...(causes.length === 0 && ours.length > 0 ? [ok(`all ${ours.length} pods are ready`)] : causes), ...styleTransfer(facts), ...sessionKey(facts)]
}

function problemOf (pod: JsonRecord): readonly Finding[] {
  const name = nameOf(pod)
  const namespace = textOf(fieldOf(pod, 'metadata', 'namespace'))
  if (fieldOf(pod, 'metadata', 'deletionTimestamp') !== undefined || ready(pod)) return []
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled.status === 'False') {
    return [wrong(`pod ${name} finds no node: ${textOf(scheduled.message)}`, 'give the cluster more CPU and memory (docs/cluster.md tells sizes), or scale down: kubectl scale deployment NAME --replicas=1')]
  }
  for (const status of [...arrayOf(fieldOf(pod, 'status', 'containerStatuses')), ...arrayOf(fieldOf(pod, 'status', 'initContainerStatuses'))].map(recordOf)) {
    const finding = containerProblem({ status, name, namespace })
    if (finding !== undefined) return [finding]
  }
  return [wrong(`pod ${name} is not ready: ${textOf(conditionOf(pod, 'Ready').message) || textOf(fieldOf(pod, 'status', 'phase')) || 'no reason given'}`, `kubectl describe pod ${name} -n ${namespace}`)]
}

function containerProblem ({ status, name, namespace }: { readonly status: JsonRecord, readonly name: string, readonly namespace: string }): Finding | undefined {
  const waiting = recordOf(fieldOf(status, 'state', 'waiting'))
  const reason = textOf(waiting.reason)
  const image = textOf(status.image)
  if (['ErrImageNeverPull', 'ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'].includes(reason)) {
    return image.startsWith('localhost/') || reason === 'ErrImageNeverPull'
      ? wrong(`image ${image} is not on the nodes (${reason})`, 'scripts/images.sh kind (or minikube, or push for a registry: scripts/images.sh --help)')
      : wrong(`image ${image} cannot be pulled (${reason}): ${textOf(waiting.message)}`, 'check name, digest and the right to pull: kubectl create secret docker-registry ..., and imagePullSecrets of the ServiceAccount')
  }
  const ended = [fieldOf(status, 'state', 'terminated'), fieldOf(status, 'lastState', 'terminated')].map(recordOf).find((one) => one.exitCode !== undefined)
  const why = `${textOf(waiting.message)} ${textOf(ended?.message)}`
  // The runtime reports it by errno ENOEXEC; a shell in between ends with 126 or 255.
  if (/exec format error/i.test(why)) {
    return wrong(`image ${image} is built for another processor than the node's (exec format error)`, 'BANKINFO_PLATFORMS=linux/amd64 (or linux/arm64, as the node says: kubectl get nodes -o wide) scripts/images.sh kind')
  }
  if (textOf(ended?.reason) === 'OOMKilled') return wrong(`pod ${name} was killed for its memory limit`, `kubectl set resources deployment -n ${namespace} ${ownerOf(name)} --limits=memory=512Mi`)
  if (reason === 'CrashLoopBackOff') return wrong(`pod ${name} ends again and again (exit code ${textOf(ended?.exitCode)})`, `kubectl logs ${name} -n ${namespace} --previous`)
  if (reason === 'CreateContainerConfigError') return wrong(`pod ${name}: ${textOf(waiting.message)}`, `kubectl describe pod ${name} -n ${namespace}`)
  return undefined
}

/** The Deployment of a pod: its name without the two hashes. */
function ownerOf (pod: string): string {
  return pod.split('-').slice(0, -2).join('-')
}

function ready (pod: JsonRecord): boolean {
  return conditionOf(pod, 'Ready').status === 'True'
}

function conditionOf (pod: JsonRecord, type: string): JsonRecord {
  return recordOf(arrayOf(fieldOf(pod, 'status', 'conditions')).find((one) => recordOf(one).type === type))
}

function styleTransfer ({ externalPods, pods }: ClusterFacts): readonly Finding[] {
  if (pods.length === 0 || externalPods.some((pod) => labelsOf(pod).app === 'styletransfer')) return []
  return [wrong('styletransfer is not in namespace external: its button will never be enabled', 'kubectl apply -k k8s')]
}

/** With a key of its own in every pod, a session that one pod signed is no session to the next. */
function sessionKey ({ deployments, hasSessionKey, namespace }: ClusterFacts): readonly Finding[] {
  const several = deployments.some((one) => labelsOf(one).app === 'productpage' && Number(fieldOf(one, 'spec', 'replicas') ?? 1) > 1)
  return several && !hasSessionKey
    ? [note('productpage has several replicas and no common session key: visitors are signed out from request to request', `kubectl create secret generic productpage-session -n ${namespace} --from-literal=key="$(openssl rand -hex 32)" && kubectl rollout restart deployment/productpage-v1 -n ${namespace}`)]
    : []
}
