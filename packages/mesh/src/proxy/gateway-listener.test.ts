import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMesh, type GatewayAttachment, type Mesh } from '../mesh.ts'
import { clusterState, pod } from '../testing/cluster.ts'
import { startTwoPods, type TwoPods } from '../testing/two-pods.ts'
import type { MeshState, SocketAddress } from '../model.ts'

let pods: TwoPods
let mesh: Mesh
let attachment: GatewayAttachment
const errors: Error[] = []

beforeEach(async () => {
  pods = await startTwoPods()
  mesh = createMesh({ external: () => undefined })
  errors.length = 0
  attachment = mesh.attachGateway({ workload: 'istio-system/ingress', bind: (port) => ({ host: '127.0.0.1', port: port === 81 ? pods.proxy.port : 0 }), onBindError: (error) => { errors.push(error) } })
})
afterEach(async () => {
  await mesh.close()
  await pods.close()
})

const gateway = (port: number): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
`
const web = (host: string, port: number): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec: {hosts: ["*"], gateways: [gw], http: [{route: [{destination: {host: ${host}, port: {number: ${port}}}}]}]}
`

async function state (rules: string, address?: SocketAddress): Promise<void> {
  const base = clusterState(rules)
  const reviews = pod('reviews-v1', { app: 'reviews' }, { ip: '10.44.9.1', ports: [{ containerPort: 9080, ...(address === undefined ? {} : { address }) }] })
  const services: MeshState['services'] = [...base.services, {
    name: 'ingress', namespace: 'istio-system', labels: {}, annotations: {}, clusterIP: '10.96.9.9', selector: { istio: 'ingressgateway' }, ports: [{ number: 80, name: 'http2', protocol: 'HTTP2', targetPort: 8080 }]
  }]
  await mesh.update({ ...base, services, workloads: [...base.workloads.filter(({ labels }) => labels['app'] !== 'reviews'), reviews] })
}

async function get (port = 80): Promise<{ status: number, headers: IncomingMessage['headers'], body: string }> {
  const [address] = attachment.addresses().get(port) ?? []
  if (address === undefined) throw new Error(`port ${port} is closed`)
  const request = httpRequest({ host: address.host, port: address.port, agent: false })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

test('ports open when a Gateway comes and close when it goes', async () => {
  await state('')
  expect([...attachment.addresses().keys()]).toEqual([])
  await state(gateway(80))
  expect(await get()).toMatchObject({ status: 404, headers: { server: 'istio-envoy' }, body: '' })
  await state(gateway(8080))
  expect([...attachment.addresses().keys()]).toEqual([8080])
  await state('')
  await expect(get()).rejects.toThrow('closed')
})

test('a rule in force when update returns is obeyed by the next request', async () => {
  const server = await pods.serve(createServer((_request, response) => { response.end('reviews') }))
  await state(gateway(80), server)
  expect((await get()).status).toBe(404)
  await state(gateway(80) + web('reviews', 9080), server)
  expect(await get()).toMatchObject({ status: 200, body: 'reviews', headers: { server: 'istio-envoy' } })
})

test('a port that cannot be bound is told once, and opened with the next change after it is free', async () => {
  await state(gateway(81))
  expect(errors).toMatchObject([{ code: 'EADDRINUSE' }])
  expect(attachment.addresses().get(81)).toEqual([])
  await pods.proxy.close()
  await state(gateway(81))
  expect(attachment.addresses().get(81)).toHaveLength(1)
  expect(errors).toHaveLength(1)
})

test('a gateway whose rule leads back to itself ends', async () => {
  await state(gateway(80) + web('ingress.istio-system.svc.cluster.local', 80))
  expect(await get()).toMatchObject({ status: 508 })
})
