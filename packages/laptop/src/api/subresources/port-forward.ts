/**
 * Connections to ports of a pod. For each the client opens two streams of one SPDY session, by the header streamType: `error`, on which
 * a message says what went wrong, and `data`. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/
 */
import { pipeline, type Duplex } from 'node:stream'
import { createSession, type SpdyStream } from '../../spdy/session.ts'
import type { NodeAgent } from '../node-agent.ts'

/** Of the streams of a session. */
export const portForwardProtocol = 'portforward.k8s.io'

export function runPortForward (node: NodeAgent, connection: Duplex, pod: { readonly namespace: string, readonly pod: string }): void {
  /** Error streams whose data streams have not come yet, by request. */
  const waiting = new Map<string, SpdyStream>()
  createSession(connection, {
    client: false,
    onStream: (stream) => {
      const { streamtype: kind, port = '', requestid: request = '' } = stream.headers
      const key = `${request}/${port}`
      if (kind === 'error') {
        waiting.set(key, stream)
        // The client says nothing on it.
        stream.resume()
        return
      }
      const errors = waiting.get(key)
      waiting.delete(key)
      if (kind !== 'data' || errors === undefined) {
        stream.destroy()
        return
      }
      connect(node, { ...pod, port: Number(port) }, { data: stream, errors })
    }
  })
}

function connect (node: NodeAgent, target: Parameters<NodeAgent['portForward']>[0], { data, errors }: { readonly data: SpdyStream, readonly errors: SpdyStream }): void {
  const fail = (error: unknown): void => {
    errors.end(`an error occurred forwarding ${target.port}: ${error instanceof Error ? error.message : String(error)}`)
    data.destroy()
  }
  node.portForward(target).then((socket) => {
    let directions = 2
    const done = (error?: Error | null): void => {
      directions -= 1
      // A client that goes away in the middle is no error of the pod's.
      if (error !== undefined && error !== null) {
        socket.destroy()
        data.destroy()
      }
      if (directions === 0) errors.end()
    }
    pipeline(data, socket, done)
    pipeline(socket, data, done)
  }, fail)
}
