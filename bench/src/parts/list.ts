import { body } from './body.ts'
import { decision } from './decision.ts'
import { hop } from './hop.ts'
import { laptop } from './laptop.ts'
import { page } from './page.ts'
import { policies } from './policies.ts'
import type { Part } from './part.ts'
import { soak } from './soak.ts'
import { styletransfer } from './styletransfer.ts'

/** All parts, in the order in which they run. */
export const parts: readonly Part[] = [hop, policies, decision, body, page, laptop, styletransfer, soak]
