/** `@fastify/http-proxy` in front of the server named by the first argument. */
import proxy from '@fastify/http-proxy'
import fastify from 'fastify'
import { announce } from './announce.ts'

const app = fastify()
await app.register(proxy, { upstream: process.argv[2] ?? '', undici: { connections: 128, pipelining: 1 } })
const address = await app.listen({ host: '127.0.0.1', port: 0 })
announce(new URL(address).port)
