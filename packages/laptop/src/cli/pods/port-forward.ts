import { request as httpsRequest } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'
import { arrayOf, fieldOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { createSession, type Session } from '../../spdy/session.ts'
import type { Client } from '../client.ts'
import { CliError, print, textOption, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import { podName, podsBehind } from './pod-target.ts'

/** `bankinfo port-forward`: connections to ports of this machine go to a pod, past every sidecar and rule. Runs until it is ended. */
export const command: CliCommand = {
  configure: (command) => {
    withNamespace(command.argument('<target>', 'POD, or TYPE/NAME such as deploy/web or svc/web').argument('<ports...>', '[LOCAL:]REMOTE, or :REMOTE for a free local port; the port of a Service for svc/NAME'))
      .option('--address <addresses>', 'where to listen; on this machine alone: 127.0.0.1 or localhost', 'localhost')
  },
  run: async (context) => {
    const [target = '', ...words] = context.args
    if ((textOption(context, 'address') ?? '').split(',').some((address) => !['localhost', '127.0.0.1'].includes(address))) throw new CliError('--address: bankinfo listens on 127.0.0.1 alone, so that nobody else reaches the pods')
    const client = await context.connect()
    const [pod] = await podsBehind(context, client, target)
    if (pod === undefined) throw new CliError('no pods found')
    const service = target.includes('/') && oneKind(target.slice(0, target.indexOf('/'))).kind === 'Service'
      ? await client.request('GET', resourcePath(oneKind('services'), { namespace: textOption(context, 'namespace'), name: target.slice(target.indexOf('/') + 1) }))
      : undefined
    const ports = words.map((word) => parsePort(word, { pod, service }))
    const connection = await upgrade(client, pod)
    const session = createSession(connection, { client: true })
    const servers = await Promise.all(ports.map(async (port) => await listen(context, session, port)))
    await new Promise<void>((resolve) => { connection.once('close', resolve) })
    for (const server of servers) server.close()
    print(context.stderr, 'error: lost connection to pod')
    return 1
  }
}

interface ForwardedPort {
  readonly local: number
  /** Of the pod. */
  readonly remote: number
}

/** @throws CliError */
function parsePort (word: string, { pod, service }: { readonly pod: JsonRecord, readonly service: JsonRecord | undefined }): ForwardedPort {
  const match = /^(?:(\d*):)?([\w-]+)$/.exec(word)
  const [, local, asked = ''] = match ?? []
  const { number, remote } = service === undefined ? { number: Number(asked), remote: containerPort(pod, asked) } : servicePort(service, pod, asked)
  const chosen = local === undefined ? number || remote : Number(local)
  if (match === null || remote === undefined || !isPort(remote) || chosen === undefined || (chosen !== 0 && !isPort(chosen))) {
    throw new CliError(`"${word}" is no port of ${service === undefined ? `pod ${podName(pod)}` : `service ${textOf(fieldOf(service, 'metadata', 'name'))}`}: expected [LOCAL:]REMOTE, with a number or a name of one of its ports`)
  }
  return { local: chosen, remote }
}

function isPort (number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65_535
}

/** A port of a Service, and the pod's port that it leads to. */
function servicePort (service: JsonRecord, pod: JsonRecord, asked: string): { readonly number: number, readonly remote: number | undefined } {
  const port = arrayOf(fieldOf(service, 'spec', 'ports')).map(recordOf).find((one) => String(one.port) === asked || one.name === asked)
  if (port === undefined) return { number: 0, remote: undefined }
  return { number: Number(port.port), remote: containerPort(pod, String(port.targetPort ?? port.port)) }
}

function containerPort (pod: JsonRecord, asked: string): number | undefined {
  if (/^\d+$/.test(asked)) return Number(asked)
  const ports = arrayOf(fieldOf(pod, 'spec', 'containers')).flatMap((container) => arrayOf(recordOf(container).ports)).map(recordOf)
  const found = ports.find(({ name }) => name === asked)
  return found === undefined ? undefined : Number(found.containerPort)
}

/** A connection to the API that speaks SPDY. @throws CliError with the API's words */
async function upgrade (client: Client, pod: JsonRecord): Promise<Duplex> {
  const { server, ca, token } = client.connection
  const path = `${resourcePath(oneKind('pods'), { namespace: textOf(fieldOf(pod, 'metadata', 'namespace')), name: podName(pod) })}/portforward`
  return await new Promise((resolve, reject) => {
    const request = httpsRequest(new URL(path, server), {
      method: 'POST', ca, headers: { authorization: `Bearer ${token}`, connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' }
    })
    request.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', (response) => {
      response.resume()
      reject(new CliError(`unable to upgrade connection: the API answered ${response.statusCode ?? ''}`))
    })
    request.on('error', (error) => { reject(new CliError(error.message)) })
    request.end()
  })
}

async function listen (context: CliContext, session: Session, { local, remote }: ForwardedPort): Promise<Server> {
  let request = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    print(context.stdout, `Handling connection for ${portOf(server)}`)
    forward(context, session, { socket, remote, request: request++ }).catch((error: unknown) => {
      socket.destroy()
      print(context.stderr, `error: ${error instanceof Error ? error.message : String(error)}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CliError(error.code === 'EADDRINUSE' ? `unable to listen on port ${local}: another program has it. Name another: ${local + 1}:${remote}` : error.message))
    })
    server.listen({ host: '127.0.0.1', port: local }, resolve)
  })
  print(context.stdout, `Forwarding from 127.0.0.1:${portOf(server)} -> ${remote}`)
  return server
}

function portOf (server: Server): number {
  const address = server.address()
  return typeof address === 'object' ? address?.port ?? 0 : 0
}

async function forward (context: CliContext, session: Session, { socket, remote, request }: { readonly socket: Socket, readonly remote: number, readonly request: number }): Promise<void> {
  const headers = { port: String(remote), requestid: `${portOfSocket(socket)}-${request}` }
  socket.on('error', () => { socket.destroy() })
  const errors = await session.open({ ...headers, streamtype: 'error' })
  errors.end()
  let said = ''
  errors.on('data', (piece: Buffer) => { said += piece.toString() })
  errors.on('end', () => { if (said !== '') print(context.stderr, `error: ${said}`) })
  const data = await session.open({ ...headers, streamtype: 'data' })
  const done = (error?: Error | null): void => {
    if (error === undefined || error === null) return
    socket.destroy()
    data.destroy()
  }
  pipeline(socket, data, done)
  pipeline(data, socket, done)
}

function portOfSocket (socket: Socket): number {
  return socket.localPort ?? 0
}
