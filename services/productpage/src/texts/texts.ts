import type { Language } from '../web/language.ts'
import { en, type Texts } from './en.ts'
import { zh } from './zh.ts'

export type { Texts } from './en.ts'

export const texts: Readonly<Record<Language, Texts>> = { en, zh }
