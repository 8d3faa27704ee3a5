import { Eta } from 'eta'
import type { ErrorPage } from '@bankinfo/service'
import { readFileSync, readdirSync } from 'node:fs'
import type { ProductPage } from '../product/page-model.ts'
import { products } from '../product/catalogue.ts'
import { sizeText } from '../photo/problems.ts'
import type { StylePage } from '../photo/style-page.ts'
import { texts, type Texts } from '../texts/texts.ts'
import { readAssets, type Assets } from './assets.ts'
import { languageOf, type Language } from './language.ts'
import { userOf } from './session.ts'

/** What every page is told: in which language, for whom. */
export interface Visitor {
  readonly language: Language
  readonly user: string | undefined
}

/** Where signing in or out leads. */
export interface Destination {
  readonly product: string | undefined
  readonly next: 'styletransfer' | undefined
}

export interface Views {
  readonly assets: Assets
  product (page: Visitor & ProductPage): string
  signIn (page: Visitor & Destination & { username: string, problem?: keyof Texts['signInProblems'] }): string
  style (page: Visitor & StylePage): string
  readonly error: ErrorPage
}

/** The pages: templates of `views/`, read and compiled once, filled without any I/O. Everything in them is escaped unless a template says otherwise. */
export function createViews (): Views {
  const assets = readAssets(new URL('../../public/', import.meta.url))
  const eta = new Eta({ cache: true, autoTrim: false })
  const folder = new URL('../../views/', import.meta.url)
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.eta')) eta.loadTemplate(`@${file.slice(0, -'.eta'.length)}`, readFileSync(new URL(file, folder), 'utf8'))
  }
  const asset = { style: assets.url('style.css'), window: assets.url('style-transfer.css'), icon: assets.url('icon.svg'), script: assets.url('style-transfer.js') }
  const navigation = {
    en: products.map(({ id, name }) => ({ id, name: name.en })),
    zh: products.map(({ id, name }) => ({ id, name: name.zh }))
  }
  const render = (view: string, page: Visitor) =>
    eta.render(`@${view}`, { ...page, t: texts[page.language], other: page.language === 'en' ? 'zh' : 'en', asset, products: navigation[page.language] })

  return {
    assets,
    product: (page) => render('product', page),
    signIn: (page) => render('sign-in', page),
    style: (page) => render('style-transfer', { ...page, ...{ size: sizeText(page.maxBytes) } }),
    error: (problem, request) => render('error', { language: languageOf(request), user: userOf(request), ...{ problem } })
  }
}
