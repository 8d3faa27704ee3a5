import type { Answerer, Attempt } from '@bankinfo/service'
import { texts, type Texts } from '../texts/texts.ts'
import type { Language } from '../web/language.ts'
import type { Product } from './catalogue.ts'
import type { Panel } from './panel.ts'
import type { AddedValues, Details } from './upstreams.ts'

/** What the templates show of one panel. */
type Shown<T> = ({ ok: true } & T) | { ok: false, message: string, kind: string }

export interface ProductPage {
  readonly product: { id: string, kind: string, name: string, tagline: string, description: string, highlights: readonly string[] }
  readonly rate: { label: string, value: string } | undefined
  readonly facts: readonly { label: string, value: string }[]
  readonly details: Shown<{ rows: readonly { label: string, value: string }[] }>
  readonly addedValues: Shown<AddedValuesPanel>
  readonly hops: readonly Hop[]
  readonly requestId: string
}

export interface AddedValuesPanel {
  readonly version: string
  readonly versionText: string
  readonly user: string | null
  readonly services: readonly { title: string, text: string }[]
  readonly analysis: AnalysisShown | undefined
  readonly styleTransfer: { enabled: boolean, code: string, reason: string } | undefined
}

interface AnalysisShown {
  readonly riskClass: string
  readonly riskText: string
  readonly score: number
  readonly suitableFor: string
  readonly factors: readonly { label: string, level: number, text: string }[]
  readonly lead: string
  readonly scenarios: readonly { label: string, code: string, rate: string, value: string, width: number }[]
  readonly allocation: readonly { asset: string, percent: number, start: number }[]
}

/** One service's part in the page, with where its attempts lie on the time line of the whole page, in percent. */
export interface Hop {
  readonly service: string
  readonly version: string
  readonly pod: string
  readonly ms: number
  readonly bars: readonly { x: number, width: number, ok: boolean, text: string }[]
}

export interface PageParts {
  readonly language: Language
  readonly product: Product
  readonly details: Panel<Details>
  readonly addedValues: Panel<AddedValues>
  /** productpage itself, and how long it took, ms. */
  readonly self: Answerer
  readonly ms: number
  readonly requestId: string
}

/** Turns what the services said into what the page shows, in one language. Pure. */
export function productPage ({ language, product, details, addedValues, self, ms, requestId }: PageParts): ProductPage {
  const t = texts[language]
  const total = Math.max(ms, 1)
  return {
    product: {
      id: product.id,
      kind: product.kind[language],
      name: product.name[language],
      tagline: product.tagline[language],
      description: product.description[language],
      highlights: product.highlights.map((highlight) => highlight[language])
    },
    rate: details.ok ? { label: t.rates[details.body.rate.kind], value: rateRange(details.body.rate, language) } : undefined,
    facts: details.ok ? keyFacts(details.body, t, language) : [],
    details: details.ok ? { ok: true, rows: detailRows(details.body, t, language) } : { ok: false, message: details.message[language], kind: details.kind },
    addedValues: addedValues.ok ? { ok: true, ...addedValuesPanel(addedValues.body, t, language) } : { ok: false, message: addedValues.message[language], kind: addedValues.kind },
    hops: [
      { ...self, ms, bars: [{ x: 0, width: 100, ok: true, text: t.ms(ms) }] },
      hopOf({ panel: details, service: 'details', total, t }),
      hopOf({ panel: addedValues, service: 'addedvalues', total, t })
    ],
    requestId
  }
}

function hopOf ({ panel, service, total, t }: { panel: Panel<unknown>, service: string, total: number, t: Texts }): Hop {
  const from = panel.ok ? panel.from : panel.error.from ?? { service, version: '', pod: '' }
  return {
    ...from,
    ms: panel.attempts.reduce((sum, attempt) => Math.max(sum, attempt.startMs + attempt.ms), 0),
    bars: panel.attempts.map((attempt) => barOf(attempt, total, t))
  }
}

function barOf ({ startMs, ms, outcome, status }: Attempt, total: number, t: Texts): Hop['bars'][number] {
  const x = Math.min(startMs / total * 100, 99)
  const what = outcome === 'ok' ? t.outcomeOk : `${outcome.replaceAll('_', ' ')}${status === undefined ? '' : ` ${status}`}`
  return { x: round(x), width: round(Math.max(Math.min(ms / total * 100, 100 - x), 1)), ok: outcome === 'ok', text: `${what}, ${t.ms(ms)}` }
}

function keyFacts (details: Details, t: Texts, language: Language) {
  return [
    { label: t.fields.term, value: details.term[language] },
    { label: t.fields.riskClass, value: `${details.riskClass} · ${t.risks[details.riskClass]}` },
    { label: t.fields.minimum, value: money(details.minimum, details.currency, language) }
  ]
}

function detailRows (details: Details, t: Texts, language: Language) {
  return [
    { label: t.fields.code, value: details.code },
    { label: t.fields.issuer, value: details.issuer[language] },
    { label: t.fields.currency, value: details.currency },
    { label: t.fields.term, value: details.term[language] },
    { label: t.rates[details.rate.kind], value: rateRange(details.rate, language) },
    { label: t.fields.riskClass, value: `${details.riskClass} · ${t.risks[details.riskClass]}` },
    { label: t.fields.minimum, value: money(details.minimum, details.currency, language) },
    { label: t.fields.step, value: money(details.step, details.currency, language) },
    { label: t.fields.fee, value: details.fee[language] },
    { label: t.fields.redemption, value: details.redemption[language] },
    { label: t.fields.settlement, value: details.settlement[language] },
    { label: t.fields.guarantee, value: details.guarantee[language] }
  ]
}

function addedValuesPanel ({ version, user, services, analysis, styleTransfer }: AddedValues, t: Texts, language: Language): AddedValuesPanel {
  return {
    version,
    versionText: t.versions[version] ?? '',
    user,
    services: services.map(({ title, text }) => ({ title: title[language], text: text[language] })),
    analysis: analysis === undefined ? undefined : analysisShown(analysis, t, language),
    styleTransfer: styleTransfer === undefined ? undefined : { enabled: styleTransfer.enabled, code: styleTransfer.reason.code, reason: styleTransfer.reason[language] }
  }
}

function analysisShown ({ risk, investment }: NonNullable<AddedValues['analysis']>, t: Texts, language: Language): AnalysisShown {
  const most = Math.max(...investment.scenarios.map(({ value }) => value), 1)
  let start = 0
  return {
    riskClass: risk.class,
    riskText: t.risks[risk.class],
    score: risk.score,
    suitableFor: risk.suitableFor[language],
    factors: risk.factors.map(({ code, level }) => ({ label: t.factors[code], level, text: t.levelOf5(level) })),
    lead: t.scenarioLead(money(investment.amount, 'CNY', language), investment.days),
    scenarios: investment.scenarios.map(({ code, rate, value }) => ({
      label: t.scenarios[code], code, rate: percent(rate, language), value: money(value, 'CNY', language), width: round(value / most * 100)
    })),
    allocation: investment.allocation.map(({ asset, percent: share }) => {
      start += share
      return { asset: asset[language], percent: share, start: start - share }
    })
  }
}

const locales = { en: 'en-US', zh: 'zh-CN' } as const
const percents = {
  en: new Intl.NumberFormat(locales.en, { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  zh: new Intl.NumberFormat(locales.zh, { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
const moneys = new Map<string, Intl.NumberFormat>()

const percent = (value: number, language: Language) => percents[language].format(value / 100).replace('-', '−')

function rateRange ({ min, max }: Details['rate'], language: Language): string {
  return min === max ? percent(min, language) : `${percent(min, language)} – ${percent(max, language)}`
}

function money (value: number, currency: string, language: Language): string {
  const key = `${language}${currency}`
  let format = moneys.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(locales[language], { style: 'currency', currency, currencyDisplay: 'narrowSymbol', trailingZeroDisplay: 'stripIfInteger' })
    moneys.set(key, format)
  }
  return format.format(value)
}

const round = (value: number) => Math.round(value * 100) / 100
