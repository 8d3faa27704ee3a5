import { start } from '@bankinfo/service'
import { buildApp } from './app.ts'
import { configSchema } from './config.ts'

await start({ name: 'styletransfer', schema: configSchema, buildApp }, process)
