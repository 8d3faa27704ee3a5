import { start } from '@bankinfo/service'
import process from 'node:process'
import { buildApp } from './app.ts'
import { configSchema } from './config.ts'

await start({ name: 'productpage', schema: configSchema, buildApp }, process)
