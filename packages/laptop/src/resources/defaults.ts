import { isRecord, recordOf, type JsonRecord } from './json.ts'

/**
 * Fills in what Kubernetes fills in, so far as somebody sees it: in `kubectl get -o yaml` or in what the laptop runs.
 * Cluster IPs are given elsewhere, as they depend on what is there already.
 */
export function applyDefaults (object: JsonRecord): JsonRecord {
  const defaults = bySpec[String(object.kind)]
  if (defaults === undefined) return object
  return defaults(object)
}

const bySpec: Readonly<Record<string, (object: JsonRecord) => JsonRecord>> = {
  Deployment: (object) => ({ ...object, spec: deploymentSpec(recordOf(object.spec)) }),
  ReplicaSet: (object) => ({ ...object, spec: withTemplate({ replicas: 1, ...recordOf(object.spec) }) }),
  Pod: (object) => ({ ...object, spec: podSpec(recordOf(object.spec)) }),
  Service: (object) => ({ ...object, spec: serviceSpec(recordOf(object.spec)) }),
  Namespace: (object) => ({
    ...object,
    metadata: { ...recordOf(object.metadata), labels: { ...recordOf(recordOf(object.metadata).labels), 'kubernetes.io/metadata.name': recordOf(object.metadata).name } },
    spec: { finalizers: ['kubernetes'], ...recordOf(object.spec) },
    status: { phase: 'Active', ...recordOf(object.status) }
  }),
  Secret: (object) => {
    const { stringData, ...rest } = object
    const encoded = Object.entries(recordOf(stringData)).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')])
    const data = { ...recordOf(object.data), ...Object.fromEntries(encoded) }
    return { ...rest, ...(Object.keys(data).length > 0 && { data }), type: object.type ?? 'Opaque' }
  }
}

function deploymentSpec (spec: JsonRecord): JsonRecord {
  const strategy = recordOf(spec.strategy)
  const type = strategy.type ?? 'RollingUpdate'
  return withTemplate({
    progressDeadlineSeconds: 600,
    replicas: 1,
    revisionHistoryLimit: 10,
    ...spec,
    strategy: {
      ...(type === 'RollingUpdate' && { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%', ...recordOf(strategy.rollingUpdate) } }),
      type
    }
  })
}

function withTemplate (spec: JsonRecord): JsonRecord {
  const template = recordOf(spec.template)
  return { ...spec, template: { ...template, spec: podSpec(recordOf(template.spec)) } }
}

function podSpec (spec: JsonRecord): JsonRecord {
  const account = spec.serviceAccountName ?? spec.serviceAccount
  return {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(account !== undefined && { serviceAccount: account, serviceAccountName: account }),
    containers: containers(spec.containers),
    ...(spec.initContainers !== undefined && { initContainers: containers(spec.initContainers) })
  }
}

function containers (value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((container: unknown) => isRecord(container) ? containerDefaults(container) : container)
}

function containerDefaults (container: JsonRecord): JsonRecord {
  const image = String(container.image ?? '')
  const tagged = /[:@][^/]*$/.test(image) && !image.endsWith(':latest')
  return {
    imagePullPolicy: tagged ? 'IfNotPresent' : 'Always',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(Array.isArray(container.ports) && { ports: container.ports.map((port: unknown) => isRecord(port) ? { ...port, protocol: port.protocol ?? 'TCP' } : port) }),
    ...(Array.isArray(container.env) && { env: container.env.map(envDefaults) }),
    ...Object.fromEntries(['livenessProbe', 'readinessProbe', 'startupProbe']
      .filter((name) => isRecord(container[name]))
      .map((name) => [name, probeDefaults(recordOf(container[name]))]))
  }
}

function envDefaults (variable: unknown): unknown {
  if (!isRecord(variable)) return variable
  const source = recordOf(variable.valueFrom)
  if (!isRecord(source.fieldRef)) return variable
  return { ...variable, valueFrom: { ...source, fieldRef: { apiVersion: 'v1', ...source.fieldRef } } }
}

function probeDefaults (probe: JsonRecord): JsonRecord {
  return {
    failureThreshold: 3,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
    ...probe,
    ...(isRecord(probe.httpGet) && { httpGet: { path: '/', scheme: 'HTTP', ...probe.httpGet } })
  }
}

function serviceSpec (spec: JsonRecord): JsonRecord {
  const type = spec.type ?? 'ClusterIP'
  const outward = type === 'NodePort' || type === 'LoadBalancer'
  return {
    ...(type === 'LoadBalancer' && { allocateLoadBalancerNodePorts: true }),
    ...(outward && { externalTrafficPolicy: 'Cluster' }),
    ...(type !== 'ExternalName' && { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
    sessionAffinity: 'None',
    ...spec,
    ...(Array.isArray(spec.ports) && {
      ports: spec.ports.map((port: unknown) => isRecord(port)
        ? { ...port, protocol: port.protocol ?? 'TCP', targetPort: port.targetPort ?? port.port }
        : port)
    }),
    type
  }
}
