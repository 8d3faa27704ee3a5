/** GET /N answers with N bytes; POST answers with the number of bytes that came. */
import { createServer } from 'node:http'
import { announce } from './announce.ts'

const chunk = Buffer.alloc(64 * 1024)

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    let length = 0
    request.on('data', (data: Buffer) => { length += data.length })
    request.on('end', () => { response.end(String(length)) })
    return
  }
  let left = Number(request.url?.slice(1))
  response.writeHead(200, { 'content-length': left })
  const send = (): void => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk
      left -= part.length
      if (!response.write(part)) {
        response.once('drain', send)
        return
      }
    }
    response.end()
  }
  send()
})
server.listen(0, '127.0.0.1', () => { announce(server.address()) })
