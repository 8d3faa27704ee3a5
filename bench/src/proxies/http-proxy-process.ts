/** `http-proxy` in front of the server named by the first argument. */
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'
import { announce } from './announce.ts'

const proxy = httpProxy.createProxyServer({ target: process.argv[2] ?? '', agent: new Agent({ keepAlive: true, maxSockets: 128 }) })
const server = createServer((request, response) => {
  proxy.web(request, response, {}, () => { response.writeHead(502).end() })
})
server.listen(0, '127.0.0.1', () => { announce(server.address()) })
