import { arch } from 'node:os'
import { fieldOf, textOf } from '../resources/json.ts'
import { nameOf, type ClusterFacts } from './facts.ts'
import { note, ok, wrong, type Finding } from './finding.ts'

/** Sidecars as init containers, on by default since then: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
const oldestMinor = 29

/** Is Kubernetes new enough, is Istio there and running, and does it know the rules' API version? */
export function checkPlatform (facts: ClusterFacts): readonly Finding[] {
  return [kubernetes(facts), ...istio(facts), ...architecture(facts)]
}

function kubernetes ({ version }: ClusterFacts): Finding {
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1] ?? 0)
  return minor >= oldestMinor
    ? ok(`Kubernetes ${version}`)
    : wrong(`Kubernetes ${version} is too old: the manifests need 1.${oldestMinor} or newer`, 'upgrade the cluster, or make one of your own: scripts/cluster-up.sh')
}

function istio ({ groupVersions, system, context }: ClusterFacts): readonly Finding[] {
  const served = [...groupVersions].filter((one) => one.startsWith('networking.istio.io/'))
  if (served.length === 0) return [wrong('Istio is not installed: the cluster knows no networking.istio.io', `scripts/cluster-up.sh --context ${context} (or: istioctl install)`)]
  const findings: Finding[] = []
  if (!served.includes('networking.istio.io/v1')) {
    findings.push(wrong(`this Istio is too old for the rule files: it serves ${served.join(', ')}, they are networking.istio.io/v1 (Istio 1.22 and newer)`, 'istioctl upgrade; the files under istio/v1alpha3/ load as they are'))
  }
  const control = system.deployments.filter((one) => nameOf(one) === 'istiod' || nameOf(one).startsWith('istiod-'))
  if (control.length === 0) findings.push(note('no istiod in istio-system: a managed mesh, or an installation that was taken away', 'kubectl get pods -n istio-system'))
  else if (control.every((one) => Number(fieldOf(one, 'status', 'readyReplicas') ?? 0) === 0)) {
    findings.push(wrong('istiod is not ready: no rule reaches a proxy, no pod gets a sidecar', 'kubectl describe pods -n istio-system -l app=istiod'))
  } else findings.push(ok(`Istio is running: ${control.map(nameOf).join(', ')}`))
  return findings
}

/** Images that were built on this machine are for its kind of processor, unless one asks for another. */
function architecture ({ nodes }: ClusterFacts): readonly Finding[] {
  const there = [...new Set(nodes.map((node) => textOf(fieldOf(node, 'status', 'nodeInfo', 'architecture'))))].filter((one) => one !== '')
  const here = ({ x64: 'amd64' } as Readonly<Record<string, string>>)[arch()] ?? arch()
  const others = there.filter((one) => one !== here)
  return others.length === 0
    ? []
    : [note(`nodes are ${there.join(' and ')}, this machine is ${here}: images that it builds do not run on ${others.join(' and ')}`, `BANKINFO_PLATFORMS=${there.map((one) => `linux/${one}`).join(',')} scripts/images.sh push`)]
}
