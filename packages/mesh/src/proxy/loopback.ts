/** `localhost` in a pod: the pod's own ports, and its sidecar's. Nothing else of this machine's loopback is reachable. */
import { Exchange } from '../http/exchange.ts'
import { reply } from '../http/downstream.ts'
import { answerAdmin } from '../telemetry/admin/admin.ts'
import type { ProxyContext } from './context.ts'
import type { Call } from './sidecar.ts'
import type { SocketAddress, Workload } from '../model.ts'

/** https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const sidecarPorts = new Set([15000, 15020, 15021, 15090])

export function isSidecarPort (workload: Workload, port: number): boolean {
  return workload.kind !== 'plain' && sidecarPorts.has(port)
}

/** Where the own container listens on a port. */
export function ownPort (workload: Workload, port: number): SocketAddress | undefined {
  return workload.ports.find(({ containerPort }) => containerPort === port)?.address
}

/** Answers, or says false where a closed port would refuse. */
export function serveLoopback (call: Call, context: ProxyContext, workload: Workload): boolean {
  const { port } = call.target
  if (isSidecarPort(workload, port)) {
    serveAdmin(call, context, workload)
    return true
  }
  const address = ownPort(workload, port)
  if (address === undefined) return false
  const { request, response, head, fields, target } = call
  new Exchange({ context, character: { server: undefined, edge: false, direction: 'none' }, request, response, head, fields, destination: target })
    .forwardTo({ virtual: `127.0.0.1:${port}`, workload, address }, undefined)
  return true
}

function serveAdmin ({ response, head, target, request }: Call, context: ProxyContext, workload: Workload): void {
  request.resume()
  answerAdmin({ port: target.port, method: head.method, path: head.path }, { context, workload }).then(
    ({ status, body, contentType }) => { reply(response, status, body, { server: 'envoy', contentType }) },
    (error: unknown) => { reply(response, 500, `${String(error)}\n`, { server: 'envoy' }) })
}
