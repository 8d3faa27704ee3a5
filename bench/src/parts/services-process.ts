/** Starts details, addedvalues v1 and productpage without a mesh; arguments: the repository and the three ports. Ends them when it ends. */
import { spawn, type ChildProcess } from 'node:child_process'

const [repository = '', details = '', addedvalues = '', productpage = ''] = process.argv.slice(2)

const children: ChildProcess[] = []
start('details', details, {})
start('addedvalues', addedvalues, {})
start('productpage', productpage, {
  DETAILS_URL: `http://127.0.0.1:${details}`,
  ADDEDVALUES_URL: `http://127.0.0.1:${addedvalues}`
})

function start (service: string, port: string, env: Record<string, string>): void {
  const child = spawn(process.execPath, [`${repository}services/${service}/dist/server.js`], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: port, SERVICE_VERSION: 'v1', DRAIN_SECONDS: '0', ...env },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  // One that ends early takes the others with it: the page would be measured without a panel.
  child.once('exit', () => { stop() })
  children.push(child)
}

function stop (): void {
  for (const child of children) child.kill('SIGTERM')
}

process.once('SIGTERM', stop)
