import { now } from '../controllers/kinds.ts'
import { gatewayPort, type PortOverrides } from '../network/gateway-ports.ts'
import { systemNamespace } from '../network/mesh-state.ts'
import { applyDefaults } from '../resources/defaults.ts'
import { assignAddresses } from '../resources/service-addresses.ts'
import { kindKey, type NewObject, type Store } from '../store/store.ts'

/** The label of what the cluster itself keeps: a reset leaves these alone. */
export const systemLabel = 'bankinfo.io/system'

const gatewayLabels = { app: 'istio-ingressgateway', istio: 'ingressgateway' }

/**
 * What a cluster with Istio holds before anybody applies anything: its namespaces, its node, the API server's Service, istiod's
 * and the ingress gateway. Written at each start, so that changed ports show.
 */
export async function writeSystemObjects (store: Store, overrides: PortOverrides): Promise<void> {
  for (const object of systemObjects(overrides)) await keep(store, object)
}

/** The same as data. */
export function systemObjects (overrides: PortOverrides): readonly NewObject[] {
  return [
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease', systemNamespace].map(namespace),
    node(),
    service({ namespace: 'default', name: 'kubernetes' }, {
      clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }]
    }),
    service({ namespace: 'kube-system', name: 'kube-dns' }, {
      clusterIP: '10.96.0.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53 }]
    }),
    service({ namespace: systemNamespace, name: 'istiod' }, {
      clusterIP: '10.96.0.11',
      ports: [
        { name: 'grpc-xds', port: 15010 },
        { name: 'https-dns', port: 15012 },
        { name: 'https-webhook', port: 443, targetPort: 15017 },
        { name: 'http-monitoring', port: 15014 }
      ]
    }),
    gatewayAccount(),
    gatewayDeployment(),
    gatewayService(overrides)
  ]
}

// What the user has changed in a namespace's labels stays; the rest is as the laptop says.
async function keep (store: Store, object: NewObject): Promise<void> {
  const before = store.get(kindKey(object.apiVersion, object.kind), object.metadata.namespace, object.metadata.name)
  const complete = object.kind === 'Service' ? assignAddresses(applyDefaults(object), store.list('Service'), before) : applyDefaults(object)
  if (before === undefined) await store.create(complete as NewObject)
  else if (object.kind === 'Service') await store.update({ ...complete, metadata: { ...before.metadata, ...object.metadata } } as NewObject)
}

function namespace (name: string): NewObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'kubernetes.io/metadata.name': name, [systemLabel]: 'true' } } }
}

function node (): NewObject {
  const time = now()
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'bankinfo', labels: { 'kubernetes.io/hostname': 'bankinfo', 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/control-plane': '', [systemLabel]: 'true' } },
    spec: { podCIDR: '10.44.0.0/16', podCIDRs: ['10.44.0.0/16'] },
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the laptop process runs the pods', lastHeartbeatTime: time, lastTransitionTime: time }],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }, { type: 'Hostname', address: 'bankinfo' }],
      nodeInfo: {
        kubeletVersion: 'v1.36.0',
        osImage: `Bankinfo on ${process.platform}`,
        kernelVersion: process.platform,
        containerRuntimeVersion: `node://${process.versions.node}`,
        architecture: process.arch,
        operatingSystem: 'linux'
      }
    }
  }
}

function service (key: { readonly namespace: string, readonly name: string }, spec: object): NewObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { ...key, labels: { [systemLabel]: 'true' } }, spec }
}

function gatewayAccount (): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: systemNamespace, name: 'istio-ingressgateway-service-account', labels: { ...gatewayLabels, [systemLabel]: 'true' } }
  }
}

function gatewayDeployment (): NewObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: systemNamespace, name: 'istio-ingressgateway', generation: 1, labels: { ...gatewayLabels, [systemLabel]: 'true' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: gatewayLabels },
      template: {
        metadata: { labels: gatewayLabels, annotations: { 'inject.istio.io/templates': 'gateway' } },
        spec: {
          serviceAccountName: 'istio-ingressgateway-service-account',
          terminationGracePeriodSeconds: 5,
          containers: [{
            name: 'istio-proxy',
            image: 'auto',
            ports: [
              { name: 'status-port', containerPort: 15021 },
              { name: 'http2', containerPort: 8080 },
              { name: 'https', containerPort: 8443 },
              { name: 'tcp', containerPort: 31400 }
            ]
          }]
        }
      }
    }
  }
}

function gatewayService (overrides: PortOverrides): NewObject {
  const port = (name: string, number: number, targetPort: number) => ({ name, port: number, targetPort, nodePort: gatewayPort(number, overrides) })
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: systemNamespace, name: 'istio-ingressgateway', labels: { ...gatewayLabels, [systemLabel]: 'true' } },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.12',
      selector: gatewayLabels,
      ports: [port('status-port', 15021, 15021), port('http2', 80, 8080), port('https', 443, 8443), port('tcp', 31400, 31400)]
    },
    status: { loadBalancer: { ingress: [{ ip: '127.0.0.1', hostname: 'localhost' }] } }
  }
}
