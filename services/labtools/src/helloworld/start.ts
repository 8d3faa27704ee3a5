import { start } from '@bankinfo/service'
import { configSchema } from '../config.ts'
import { buildHelloworld } from './app.ts'

export async function startHelloworld (process: NodeJS.Process): Promise<void> {
  const writeAccess = (line: string): void => { process.stdout.write(`${line}\n`) }
  await start({ name: 'helloworld', schema: configSchema, buildApp: async (config, deps) => await buildHelloworld(config, deps, writeAccess) }, process)
}
