/** A gateway's ports: opened and closed as Gateway resources come and go. */
import { Exchange } from '../http/exchange.ts'
import { replies } from '../http/failure.ts'
import { maxHops } from '../http/request-fields.ts'
import { reply, type DownstreamResponse } from '../http/downstream.ts'
import { close, createListener, listen, type Received } from './listener.ts'
import { headOf, pathOf } from './outbound-listener.ts'
import { route } from './router.ts'
import type { Call } from './sidecar.ts'
import type { GatewayTable } from '../compile/gateway.ts'
import type { Character } from '../http/route-stream.ts'
import type { ProxyContext } from './context.ts'
import type { GatewayOptions } from '../mesh.ts'
import type { SocketAddress } from '../model.ts'
import type { Server } from 'node:http'

export interface GatewaySide {
  readonly context: ProxyContext
  readonly table: GatewayTable
}

export interface GatewayPorts {
  /** Opens and closes ports so that they are those of the table. */
  readonly sync: () => Promise<void>
  readonly addresses: () => ReadonlyMap<number, readonly SocketAddress[]>
  readonly close: () => Promise<void>
}

const gateway: Character = { server: 'istio-envoy', edge: true, direction: 'gateway' }

interface OpenPort {
  readonly server: Server
  readonly address: SocketAddress
}

export function createGatewayPorts (options: GatewayOptions, side: () => GatewaySide | undefined): GatewayPorts {
  const open = new Map<number, OpenPort[]>()
  // What could not be bound is tried again with each change, and told once.
  const told = new Set<string>()
  let last: Promise<void> = Promise.resolve()

  const openPort = async (port: number): Promise<void> => {
    const wanted = options.bind(port)
    const opened: OpenPort[] = []
    for (const address of 'host' in wanted ? [wanted] : wanted) {
      const server = createListener({ onRequest: (received, response) => { serve(received, response, { port, side: side() }) } })
      const key = `${port} ${address.host}:${address.port}`
      try {
        opened.push({ server, address: await listen(server, address) })
        told.delete(key)
      } catch (error) {
        if (!told.has(key)) options.onBindError?.(error instanceof Error ? error : new Error(String(error)), port, address)
        told.add(key)
      }
    }
    open.set(port, opened)
  }

  const closePort = async (port: number): Promise<void> => {
    const listeners = open.get(port) ?? []
    open.delete(port)
    await Promise.all(listeners.map(async ({ server }) => { await close(server) }))
  }

  const synchronize = async (): Promise<void> => {
    const wanted = side()?.table.ports ?? []
    await Promise.all([...open.keys()].filter((port) => !wanted.includes(port)).map(closePort))
    await Promise.all(wanted.filter((port) => (open.get(port) ?? []).length === 0).map(openPort))
  }

  return {
    // One after the other: two changes at once must not open a port twice.
    sync: async () => {
      last = last.then(synchronize)
      await last
    },
    addresses: () => new Map([...open].map(([port, listeners]) => [port, listeners.map(({ address }) => address)])),
    close: async () => {
      last = last.then(async () => { await Promise.all([...open.keys()].map(closePort)) })
      await last
    }
  }
}

function serve ({ request, fields }: Received, response: DownstreamResponse, { port, side }: { port: number, side: GatewaySide | undefined }): void {
  const path = pathOf(request.url ?? '/', fields.authority)
  if (side === undefined || path === undefined) {
    reply(response, 400, 'Bad Request', { server: 'istio-envoy', close: true })
    return
  }
  const { context, table } = side
  const target = { host: context.ip, port, text: `${context.ip}:${port}`, loopback: false }
  const call: Call = { request, response, target, fields, head: headOf(request, path, fields) }
  const exchange = new Exchange({ context, character: gateway, request, response, head: call.head, fields, destination: target })
  if (fields.hops >= maxHops) {
    exchange.answer(replies.tooManyHops)
    return
  }
  const host = table.virtualHost(port, fields.authority)
  if (host.httpsRedirect === true) {
    exchange.answer({ status: 301, flags: '-', details: 'direct_response', body: '', headers: ['location', `https://${fields.authority}${path}`] })
    return
  }
  route(exchange, host, { table, call, context })
}
