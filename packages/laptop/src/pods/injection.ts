import type { Labels } from '@bankinfo/mesh'
import type { StoredNamespace, StoredPod } from '../controllers/kinds.ts'

/** Istio's release whose behaviour the laptop follows. */
export const istioVersion = '1.31.0'
export const proxyImage = `docker.io/istio/proxyv2:${istioVersion}`
export const statusAnnotation = 'sidecar.istio.io/status'
const injectKey = 'sidecar.istio.io/inject'

/**
 * Whether a pod gets a sidecar, as Istio's injection webhook decides:
 *
 * | namespace label         | pod's sidecar.istio.io/inject | sidecar |
 * | ----------------------- | ----------------------------- | ------- |
 * | istio-injection=enabled | absent, true                  | yes     |
 * | istio-injection=enabled | false                         | no      |
 * | istio-injection=disabled| any                           | no      |
 * | istio.io/rev=...        | absent, true                  | yes     |
 * | none                    | true (label)                  | yes     |
 *
 * The pod's label goes before its annotation of the same name. Pods of the host's network never get one.
 * https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function wantsSidecar (pod: Pick<StoredPod, 'metadata' | 'spec'>, namespace: StoredNamespace | undefined): boolean {
  if (pod.spec.hostNetwork === true) return false
  if (['kube-system', 'kube-public', 'kube-node-lease'].includes(namespace?.metadata.name ?? '')) return false
  const labels: Labels = namespace?.metadata.labels ?? {}
  const own = pod.metadata.labels?.[injectKey]
  if (labels['istio-injection'] === 'disabled') return false
  const podRevision = pod.metadata.labels?.['istio.io/rev']
  const chosen = labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined
  if (!chosen) return own === 'true' || (podRevision !== undefined && own !== 'false')
  return (own ?? pod.metadata.annotations?.[injectKey]) !== 'false'
}

/** True for pods that carry Gateway resources: Istio fills in a container whose image is `auto`. */
export function isGateway (pod: Pick<StoredPod, 'metadata' | 'spec'>): boolean {
  return pod.metadata.annotations?.['inject.istio.io/templates'] === 'gateway' ||
    (pod.spec.containers.some(({ image }) => image === 'auto') ?? false)
}

export function hasSidecar (pod: Pick<StoredPod, 'spec'>): boolean {
  return pod.spec.initContainers?.some(({ name, restartPolicy }) => name === 'istio-proxy' && restartPolicy === 'Always') ?? false
}

/**
 * A pod as Istio's webhook hands it back: istio-init, and istio-proxy as a native sidecar (an init container that goes on
 * running), with the labels and annotations that come with them.
 * https://istio.io/latest/blog/2023/native-sidecars/
 */
export function injectSidecar (pod: StoredPod): StoredPod {
  const app = pod.spec.containers[0]?.name ?? ''
  const labels = pod.metadata.labels ?? {}
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...labels,
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels.app ?? pod.metadata.name,
        'service.istio.io/canonical-revision': labels['service.istio.io/canonical-revision'] ?? labels['app.kubernetes.io/version'] ?? labels.version ?? 'latest'
      },
      annotations: {
        'istio.io/rev': 'default',
        'kubectl.kubernetes.io/default-container': app,
        'kubectl.kubernetes.io/default-logs-container': app,
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        ...pod.metadata.annotations,
        [statusAnnotation]: JSON.stringify({ initContainers: ['istio-init', 'istio-proxy'], containers: null, volumes: null, imagePullSecrets: null, revision: 'default' })
      }
    },
    spec: {
      ...pod.spec,
      containers: pod.spec.containers ?? [],
      initContainers: [
        {
          name: 'istio-init',
          image: proxyImage,
          imagePullPolicy: 'IfNotPresent',
          args: ['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-x', '', '-b', '*', '-d', '15090,15021,15020'],
          securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] }, runAsUser: 0, runAsNonRoot: false }
        },
        {
          name: 'istio-proxy',
          image: proxyImage,
          imagePullPolicy: 'IfNotPresent',
          restartPolicy: 'Always',
          args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
          ports: [{ name: 'http-envoy-prom', containerPort: 15090, protocol: 'TCP' }],
          securityContext: { runAsUser: 1337, runAsGroup: 1337, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          startupProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 1, failureThreshold: 600 },
          readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 15, failureThreshold: 4 }
        },
        ...(pod.spec.initContainers ?? [])
      ]
    }
  }
}

/** A gateway pod with the image and ports that Istio's gateway template fills in. */
export function injectGateway (pod: StoredPod): StoredPod {
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: { 'istio.io/rev': 'default', ...pod.metadata.annotations, [statusAnnotation]: JSON.stringify({ containers: ['istio-proxy'], revision: 'default' }) }
    },
    spec: {
      ...pod.spec,
      containers: (pod.spec.containers ?? []).map((container) => ({ ...container, image: container.image === 'auto' ? proxyImage : container.image ?? proxyImage }))
    }
  }
}
