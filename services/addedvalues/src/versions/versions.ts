import type { App, ServiceDeps } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'
import type { Analysis } from '../analysis.ts'
import type { Config } from '../config.ts'
import type { Product } from '../products.ts'
import type { Reachability } from '../reachability.ts'
import { createV1 } from './v1.ts'
import { createV2 } from './v2.ts'
import { createV3 } from './v3.ts'

/** What a version adds to what all have. */
export interface Extras {
  readonly analysis?: Analysis
  readonly styleTransfer?: Reachability
}

/** One version of the service. */
export interface Version {
  readonly name: Config['SERVICE_VERSION']
  extras (product: Product, request: FastifyRequest): Promise<Extras>
  /** Registers what is under /styletransfer. */
  styleTransferRoutes (app: App): void
}

/** The versions by name; the process is one of them for as long as it lives. */
export const versions: Readonly<Record<Config['SERVICE_VERSION'], (app: App, config: Config, deps: ServiceDeps) => Version>> = {
  v1: createV1,
  v2: createV2,
  v3: createV3
}
