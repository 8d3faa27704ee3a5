import type { FlagDefinition } from './flags.ts'

/** What concerns one request. */
const requestFlags: Readonly<Record<string, FlagDefinition>> = {
  H: { kind: 'list', summary: 'header field "Name: value" of each request; may come more than once' },
  X: { kind: 'string', summary: 'method (GET, or POST with a payload)' },
  'content-type': { kind: 'string', summary: 'content type; makes it a POST' },
  payload: { kind: 'string', summary: 'body; makes it a POST' },
  'payload-size': { kind: 'int', fallback: '0', summary: 'bytes of a body of our own; makes it a POST' },
  user: { kind: 'string', summary: '"user:password" for basic authentication' },
  k: { kind: 'bool', summary: 'take any certificate' },
  'https-insecure': { kind: 'bool', summary: 'the same as -k' },
  timeout: { kind: 'duration', fallback: '3s', summary: 'how long a call may take' },
  keepalive: { kind: 'bool', fallback: 'true', summary: 'keep connections' },
  compression: { kind: 'bool', summary: 'ask for gzip' },
  stdclient: { kind: 'bool', summary: 'there is one client here: no effect' },
  quiet: { kind: 'bool', summary: 'nothing but errors and the result' },
  loglevel: { kind: 'string', fallback: 'Info', summary: 'Debug, Verbose, Info, Warning, Error, Critical or Fatal' },
  'curl-stdout-headers': { kind: 'bool', summary: 'header fields go to stdout always: no effect' }
}

/** The flags of `fortio load` that this fortio has, under their names in the real one. https://github.com/fortio/fortio#command-line-arguments */
export const loadFlags: Readonly<Record<string, FlagDefinition>> = {
  c: { kind: 'int', fallback: '4', summary: 'connections' },
  qps: { kind: 'float', fallback: '8', summary: 'calls per second over all connections; 0 for as fast as they are answered' },
  n: { kind: 'int', fallback: '0', summary: 'how many calls, instead of a duration' },
  t: { kind: 'duration', fallback: '5s', summary: 'how long; 0 until ^C' },
  p: { kind: 'string', fallback: '50,75,90,99,99.9', summary: 'percentiles' },
  r: { kind: 'float', fallback: '0.001', summary: 'resolution of the histogram, in seconds' },
  json: { kind: 'string', summary: '- writes the result as JSON to stdout' },
  labels: { kind: 'string', fallback: '', summary: 'a text for the JSON' },
  curl: { kind: 'bool', summary: 'make one call and show its answer' },
  'allow-initial-errors': { kind: 'bool', summary: 'go on when the first call over a connection fails' },
  warmup: { kind: 'bool', fallback: 'true', summary: 'with a duration: make a call over each connection first (not among the real one\'s)' },
  nocatchup: { kind: 'bool', summary: 'do not make up for calls that came too late' },
  uniform: { kind: 'bool', summary: 'spread the connections\' calls evenly' },
  gomaxprocs: { kind: 'int', fallback: '0', summary: 'one thread does it all here: no effect' },
  'abort-on': { kind: 'int', fallback: '0', summary: 'end the run at this status; -1 for no answer' },
  ...requestFlags
}
