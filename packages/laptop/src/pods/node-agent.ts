import { connect, type Socket } from 'node:net'
import type { SocketAddress } from '@bankinfo/mesh'
import type { NodeAgent } from '../api/node-agent.ts'
import { getKind } from '../controllers/kinds.ts'
import type { Store } from '../store/store.ts'
import { execInPod } from '../containers/exec.ts'
import { isGateway } from './injection.ts'
import type { Kubelet } from './kubelet.ts'
import { readLog } from '../containers/log-ring.ts'

export interface NodeAgentOptions {
  readonly store: Store
  readonly kubelet: Kubelet
  /** The real addresses of the gateway, by port of its Service. */
  readonly gatewayAddresses: () => ReadonlyMap<number, readonly SocketAddress[]>
}

/** The kubelet's part of `kubectl logs`, `exec` and `port-forward`. */
export function createNodeAgent ({ store, kubelet, gatewayAddresses }: NodeAgentOptions): NodeAgent {
  const find = ({ namespace, pod }: { readonly namespace: string, readonly pod: string }, container?: string) => {
    const object = getKind(store, 'Pod', { namespace, name: pod })
    const running = kubelet.pod(`${namespace}/${pod}`)
    if (object === undefined || running === undefined) throw new Error(`pod "${pod}" in namespace "${namespace}" is not running`)
    const name = container ?? object.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? object.spec.containers[0]?.name ?? ''
    return { object, running, name }
  }
  return {
    logs: (request) => {
      const { running, name } = find(request, request.container)
      const ring = running.log(name, request.previous === true)
      if (ring === undefined && request.previous === true) {
        throw new Error(`previous terminated container "${name}" in pod "${request.pod}" not found`)
      }
      if (ring === undefined) throw new Error(`container "${name}" in pod "${request.pod}" is waiting to start: ${waitingReason(find(request).object, name)}`)
      return readLog(ring, request)
    },
    exec: async (request) => {
      const { running, name } = find(request, request.container)
      const place = running.place(name)
      if (place === undefined) throw new Error(`container "${name}" in pod "${request.pod}" is not running`)
      return await execInPod({ ...place, command: request.command }, request)
    },
    portForward: async (request) => {
      const { object, running } = find(request)
      const address = isGateway(object)
        ? gatewayAddresses().get(request.port === 8080 ? 80 : request.port === 8443 ? 443 : request.port)?.[0]
        : running.ports().get(request.port)
      if (address === undefined) throw new Error(`nothing listens on port ${request.port} of pod "${request.pod}"`)
      return await open(address)
    }
  }
}

function waitingReason (pod: { readonly status?: { readonly containerStatuses?: readonly { readonly name: string, readonly state?: { readonly waiting?: { readonly reason?: string } } }[] } }, name: string): string {
  return pod.status?.containerStatuses?.find((container) => container.name === name)?.state?.waiting?.reason ?? 'ContainerCreating'
}

async function open (address: SocketAddress): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
