import { start } from '@bankinfo/service'
import { configSchema } from '../config.ts'
import { buildHttpbin } from './app.ts'

export async function startHttpbin (process: NodeJS.Process): Promise<void> {
  const writeAccess = (line: string): void => { process.stdout.write(`${line}\n`) }
  await start({ name: 'httpbin', schema: configSchema, buildApp: async (config, deps) => await buildHttpbin(config, deps, writeAccess) }, process)
}
