/** What tests of the command line share: a cluster with a pod and a ServiceEntry, a folder for files, objects to write into them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestApi, type CliResult, type TestApi } from './api.ts'

export interface TestCli extends TestApi {
  /** A folder that {@link TestApi.close} removes. */
  readonly folder: string
  /** Writes a file below the folder. @returns its path */
  readonly file: (name: string, text: string) => Promise<string>
}

/** An API with the pod `web-1`, 2/2 ready, and a ServiceEntry for `*.example.com`. */
export async function startTestCli (): Promise<TestCli> {
  const api = await startTestApi()
  const folder = await mkdtemp(join(tmpdir(), 'bankinfo-cli-'))
  await api.store.create({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'example', namespace: 'default' },
    spec: { hosts: ['*.example.com'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] }
  })
  await api.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'bankinfo', containers: [{ name: 'web', image: 'x:1' }], initContainers: [{ name: 'istio-proxy', image: 'p:1', restartPolicy: 'Always' }] },
    status: {
      phase: 'Running',
      podIP: '10.44.0.2',
      conditions: [{ type: 'Ready', status: 'True' }],
      initContainerStatuses: [{ name: 'istio-proxy', ready: true, started: true, restartCount: 0, state: { running: {} } }],
      containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }]
    }
  })
  return {
    ...api,
    folder,
    file: async (name, text) => {
      const path = join(folder, name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, text)
      return path
    },
    close: async () => {
      await api.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** A VirtualService of that name and host; `more` are further lines of its only route. */
export const rule = (name: string, more = ''): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
spec:
  hosts: [${name}]
  http:
    - route:
        - destination: {host: ${name}.example.com}
${more}`

export const deployment = (name: string): string => JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'x:1' }] } } }
})

/** What a command that went well has printed. */
export const ok = (stdout: string): Partial<CliResult> => ({ code: 0, stdout, stderr: '' })
