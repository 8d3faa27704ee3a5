/** An upstream's answer on its way to the client. */

/** Fields that end here, on the way out. */
const responseFieldsDropped = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'x-envoy-decorator-operation', 'x-envoy-upstream-service-time'
])

/** What the caller's proxy adds to an upstream's answer. */
export interface ResponseStamp {
  /** `envoy`, `istio-envoy`; undefined leaves the application's. */
  readonly server: string | undefined
  /** Milliseconds. */
  readonly serviceTime: number | undefined
  readonly operation: string | undefined
}

/** An upstream's raw fields as they go to the client. */
export function responseFields (raw: ReadonlyArray<Buffer | string>, stamp: ResponseStamp): string[] {
  const list: string[] = []
  let serverSet = stamp.server === undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index]?.toString('latin1') ?? '').toLowerCase()
    if (responseFieldsDropped.has(name)) continue
    if (name === 'server' && stamp.server !== undefined) {
      if (!serverSet) list.push(name, stamp.server)
      serverSet = true
      continue
    }
    list.push(name, raw[index + 1]?.toString('latin1') ?? '')
  }
  if (stamp.serviceTime !== undefined) list.push('x-envoy-upstream-service-time', String(stamp.serviceTime))
  if (stamp.operation !== undefined) list.push('x-envoy-decorator-operation', stamp.operation)
  if (!serverSet && stamp.server !== undefined) list.push('server', stamp.server)
  return list
}
