/** Answers every request with the body given as the first argument; stands in for nginx where there is none. */
import { createServer } from 'node:http'
import { announce } from './announce.ts'

const body = Buffer.from(process.argv[2] ?? '')
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length }).end(body)
})
server.listen(0, '127.0.0.1', () => { announce(server.address()) })
