/**
 * Names and values in a SPDY frame: compressed with zlib, one stream for all frames of a direction, begun with a dictionary.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.6.10-Name-Value-Header-Block
 */
import { constants, createDeflate, createInflate } from 'node:zlib'

/** Words that the dictionary has with their lengths before them. */
const words = `options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control
connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires
from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate
proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status
200_OK version HTTP/1.1 url public set-cookie keep-alive origin`.split(/\s+/).map((word) => word.replace('_', ' '))

const rest = '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error' +
  '501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=' +
  'gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.'

export const dictionary = Buffer.concat([...words.flatMap((word) => [uint32(word.length), Buffer.from(word)]), Buffer.from(rest)])

export type Headers = Readonly<Record<string, string>>

/** What a peer may send in one block, when it is unpacked; port-forward needs a hundred bytes. */
const maxBlockLength = 64 * 1024

export interface HeaderCodec {
  readonly pack: (headers: Headers) => Promise<Buffer>
  /** @throws Error for a block that cannot be read */
  readonly unpack: (block: Buffer) => Promise<Headers>
  readonly close: () => void
}

/** The two zlib streams of one end of a session. */
export function createHeaderCodec (): HeaderCodec {
  const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
  const inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
  return {
    pack: async (headers) => {
      const entries = Object.entries(headers)
      return await through(deflate, Buffer.concat([uint32(entries.length), ...entries.flatMap(([name, value]) => [name.toLowerCase(), value].flatMap((text) => {
        const bytes = Buffer.from(text)
        return [uint32(bytes.length), bytes]
      }))]))
    },
    unpack: async (block) => read(await through(inflate, block, maxBlockLength)),
    close: () => {
      deflate.close()
      inflate.close()
    }
  }
}

/** What a zlib stream makes of a piece: it is flushed whole, so all of it has come when the write is done. */
async function through (stream: ReturnType<typeof createDeflate> | ReturnType<typeof createInflate>, piece: Buffer, limit = Infinity): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let length = 0
    const done = (error?: Error | null): void => {
      stream.off('data', take)
      stream.off('error', done)
      if (error === undefined || error === null) resolve(Buffer.concat(pieces))
      else reject(error)
    }
    const take = (data: Buffer): void => {
      length += data.length
      if (length > limit) done(new Error(`SPDY: a header block of more than ${limit} bytes`))
      else pieces.push(data)
    }
    stream.on('data', take)
    stream.once('error', done)
    stream.write(piece, done)
  })
}

function read (block: Buffer): Headers {
  let offset = 0
  const number = (): number => {
    if (offset + 4 > block.length) throw new Error('SPDY: a header block that ends too early')
    offset += 4
    return block.readUInt32BE(offset - 4)
  }
  const text = (): string => {
    const length = number()
    if (offset + length > block.length) throw new Error('SPDY: a header block that ends too early')
    offset += length
    return block.toString('utf8', offset - length, offset)
  }
  const count = number()
  const headers: Record<string, string> = {}
  for (let index = 0; index < count; index += 1) {
    const name = text()
    headers[name] = text()
  }
  return headers
}

function uint32 (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
