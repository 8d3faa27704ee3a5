/** What a container of this image can be; each loads only what it needs. */
export interface Role {
  readonly summary: string
  /** Runs until the process ends. */
  readonly run: (process: NodeJS.Process) => Promise<void>
}

export const roles: Readonly<Record<string, Role>> = {
  httpbin: {
    summary: 'answers requests in many ways: /get, /headers, /status/418, /delay/2 ...',
    run: async (process) => { await (await import('./httpbin/start.ts')).startHttpbin(process) }
  },
  helloworld: {
    summary: 'GET /hello tells version and pod',
    run: async (process) => { await (await import('./helloworld/start.ts')).startHelloworld(process) }
  },
  'grpc-echo': {
    summary: 'gRPC on cleartext HTTP/2: fortio\'s ping, and the health service',
    run: async (process) => { await (await import('./grpc/start.ts')).startGrpcEcho(process) }
  },
  sleep: {
    summary: 'does nothing until it is told to end: a place to run curl in',
    run: async (process) => { (await import('./sleep/sleep.ts')).sleep(process) }
  },
  fortio: {
    summary: 'the same, where "fortio load" is run',
    run: async (process) => { (await import('./sleep/sleep.ts')).sleep(process) }
  }
}

/** @throws Error naming what there is */
export function roleOf (name: string | undefined): Role {
  const role = name === undefined || !Object.hasOwn(roles, name) ? undefined : roles[name]
  if (role !== undefined) return role
  const list = Object.entries(roles).map(([key, { summary }]) => `  ${key.padEnd(12)}${summary}`).join('\n')
  throw new Error(`${name === undefined ? 'No role is given' : `There is no role "${name}"`}. Write one as the container's args:\n${list}`)
}
