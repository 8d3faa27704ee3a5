import { describeTarget, type Target } from '@bankinfo/load'
import { FlagError, type Flags } from './flags.ts'

const userAgent = 'fortio/labtools-1.0.0'

/** The request that the flags describe. @throws FlagError, TargetError */
export function readTarget (flags: Flags): Target {
  const [url, ...more] = flags.rest
  if (url === undefined || more.length > 0) {
    throw new FlagError(url === undefined ? 'fortio load and curl need an address' : `fortio takes one address, got ${[url, ...more].join(' ')} (flags stand before it)`)
  }
  const headers = flags.list('H').map(readHeader)
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name)
  const add = (name: string, value: string | undefined): void => { if (value !== undefined && !has(name.toLowerCase())) headers.push([name, value]) }
  add('User-Agent', userAgent)
  add('Content-Type', flags.text('content-type'))
  add('Accept-Encoding', flags.bool('compression') ? 'gzip' : undefined)
  const user = flags.text('user')
  add('Authorization', user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`)
  return describeTarget({
    url,
    headers,
    method: flags.text('X') ?? (flags.given('content-type') ? 'POST' : undefined),
    body: readBody(flags),
    proxyFromEnvironment: true,
    insecure: flags.bool('k') || flags.bool('https-insecure'),
    keepAlive: flags.bool('keepalive')
  })
}

function readHeader (text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new FlagError(`invalid value "${text}" for flag -H: expected "Name: value"`)
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

function readBody (flags: Flags): Buffer | undefined {
  const payload = flags.text('payload')
  if (payload !== undefined) return Buffer.from(payload)
  const size = flags.number('payload-size')
  return size > 0 ? Buffer.alloc(Math.min(size, 10 * 1024 * 1024), 'x') : undefined
}
