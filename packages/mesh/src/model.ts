/**
 * What the mesh is told about a cluster, as plain data. The mesh never reads files, processes or the Kubernetes API: whoever
 * runs it (the laptop, the conformance runner, a test) builds a {@link MeshState} and hands it over whole.
 */

/** Labels or annotations of a Kubernetes object. */
export type Labels = Readonly<Record<string, string>>

/** A Kubernetes object as the API server stores it; Istio's rules have this form too. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ResourceMetadata
  readonly spec?: unknown
}

export interface ResourceMetadata {
  readonly name: string
  /** Absent for a rule that was read from a file and not yet placed; `default` is meant then. */
  readonly namespace?: string
  readonly labels?: Labels
  readonly annotations?: Labels
  /** RFC 3339. Decides which of two rules for one host counts; equal times fall back to name, then namespace. */
  readonly creationTimestamp?: string
  readonly [field: string]: unknown
}

/** Istio's protocol of a service port, after protocol selection by `appProtocol` or the port's name. */
export type Protocol = 'HTTP' | 'HTTP2' | 'GRPC' | 'GRPC-Web' | 'HTTPS' | 'TLS' | 'TCP' | 'Mongo' | 'Redis' | 'MySQL' | 'UDP'

export interface ServicePort {
  readonly number: number
  readonly name: string
  readonly protocol: Protocol
  /** Container port number, or the name of one. */
  readonly targetPort: number | string
}

/** A Kubernetes Service. */
export interface Service {
  readonly name: string
  readonly namespace: string
  readonly labels: Labels
  readonly annotations: Labels
  /** Virtual address (10.96.0.0/16); absent for a headless Service. */
  readonly clusterIP?: string
  readonly ports: readonly ServicePort[]
  /** Absent: a Service without selector has no endpoints here. */
  readonly selector?: Labels
  readonly externalName?: string
}

/** A real socket address on this machine. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/**
 * A pod. `sidecar` pods obey the rules as caller and as server; `plain` pods (no injection) get plain cluster networking;
 * `gateway` pods carry Gateway resources.
 */
export interface Workload {
  /** `namespace/name`. */
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly kind: 'sidecar' | 'plain' | 'gateway'
  readonly labels: Labels
  readonly annotations: Labels
  readonly serviceAccount: string
  /** Virtual address (10.44.0.0/16). */
  readonly ip: string
  /** Ready pods are endpoints of the Services that select them. */
  readonly ready: boolean
  readonly ports: readonly WorkloadPort[]
}

export interface WorkloadPort {
  readonly containerPort: number
  readonly name?: string
  /** Where the process really listens; absent while nothing listens (connections are refused). */
  readonly address?: SocketAddress
}

export interface Namespace {
  readonly name: string
  readonly labels: Labels
}

/** The part of Istio's MeshConfig that the mesh obeys. */
export interface MeshConfig {
  /** Domain of the cluster, `cluster.local`. */
  readonly domain: string
  readonly rootNamespace: string
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY'
}

/** All that the mesh knows of a cluster at one moment. Replaced whole; never changed in place. */
export interface MeshState {
  readonly config: MeshConfig
  readonly namespaces: readonly Namespace[]
  readonly services: readonly Service[]
  readonly workloads: readonly Workload[]
  /** Istio resources that have passed validation. */
  readonly rules: readonly Resource[]
}
