import Type, { type Static } from 'typebox'

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })

export const factsSchema = Type.Object({
  id: Type.String(),
  code: Type.String({ description: 'registration code' }),
  issuer: bilingual,
  currency: Type.String({ description: 'ISO 4217' }),
  term: bilingual,
  termDays: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: 'null: no fixed term' }),
  rate: Type.Object({
    kind: Type.Enum(['fixed', 'benchmark', 'sevenDay', 'floating'], { description: 'fixed interest, benchmark for comparison, seven-day annualised, or following a market price' }),
    min: Type.Number({ description: 'percent a year' }),
    max: Type.Number({ description: 'percent a year' })
  }),
  riskClass: Type.Enum(['R1', 'R2', 'R3', 'R4', 'R5']),
  minimum: Type.Number({ description: 'least amount, in the currency' }),
  step: Type.Number({ description: 'amounts above the minimum are multiples of it' }),
  fee: bilingual,
  redemption: bilingual,
  settlement: bilingual,
  guarantee: bilingual
})

/** The facts of one product. */
export type Facts = Static<typeof factsSchema>

const bank = { en: 'Bankinfo Bank', zh: '示范银行' }
const wealth = { en: 'Bankinfo Wealth Management', zh: '示范银行理财子公司' }
const funds = { en: 'Bankinfo Asset Management', zh: '示范基金管理公司' }
const deposit = { en: 'Covered by deposit insurance up to CNY 500,000', zh: '受存款保险保障，最高偿付限额人民币 50 万元' }
const noGuarantee = { en: 'Principal and return are not guaranteed', zh: '非保本浮动收益，不保证本金和收益' }

const all: readonly Facts[] = [
  {
    id: 'wealth-90',
    code: 'BI-W-0090',
    issuer: wealth,
    currency: 'CNY',
    term: { en: '90 days', zh: '90 天' },
    termDays: 90,
    rate: { kind: 'benchmark', min: 2.35, max: 2.85 },
    riskClass: 'R2',
    minimum: 1,
    step: 1,
    fee: { en: 'Management 0.15% a year; no entry or exit fee', zh: '管理费 0.15%/年；无申购、赎回费' },
    redemption: { en: 'At the end of each 90-day period', zh: '每个 90 天周期结束时可赎回' },
    settlement: { en: '1 business day after redemption', zh: '赎回确认后 1 个工作日到账' },
    guarantee: noGuarantee
  },
  {
    id: 'time-deposit-3y',
    code: 'BI-D-0300',
    issuer: bank,
    currency: 'CNY',
    term: { en: '3 years', zh: '3 年' },
    termDays: 1095,
    rate: { kind: 'fixed', min: 1.75, max: 1.75 },
    riskClass: 'R1',
    minimum: 50,
    step: 1,
    fee: { en: 'None', zh: '无' },
    redemption: { en: 'At any time; an early withdrawal earns the demand rate', zh: '可提前支取，提前支取部分按活期利率计息' },
    settlement: { en: 'At once', zh: '实时到账' },
    guarantee: deposit
  },
  {
    id: 'large-cd-2y',
    code: 'BI-C-0200',
    issuer: bank,
    currency: 'CNY',
    term: { en: '2 years', zh: '2 年' },
    termDays: 730,
    rate: { kind: 'fixed', min: 1.6, max: 1.6 },
    riskClass: 'R1',
    minimum: 200_000,
    step: 10_000,
    fee: { en: 'None', zh: '无' },
    redemption: { en: 'Transferable to another customer before it matures', zh: '到期前可转让给其他客户' },
    settlement: { en: 'At once when it matures', zh: '到期实时到账' },
    guarantee: deposit
  },
  {
    id: 'cash-plus',
    code: 'BI-M-0001',
    issuer: funds,
    currency: 'CNY',
    term: { en: 'No fixed term', zh: '无固定期限' },
    termDays: null,
    rate: { kind: 'sevenDay', min: 1.42, max: 1.42 },
    riskClass: 'R1',
    minimum: 0.01,
    step: 0.01,
    fee: { en: 'Management 0.15%, custody 0.05% a year', zh: '管理费 0.15%/年，托管费 0.05%/年' },
    redemption: { en: 'Every day; up to CNY 10,000 a day at once', zh: '每日可赎回，快速赎回每日限额 1 万元' },
    settlement: { en: 'At once, or on the next business day', zh: '快速赎回实时到账，普通赎回下一工作日到账' },
    guarantee: noGuarantee
  },
  {
    id: 'balanced-fund',
    code: 'BI-F-0506',
    issuer: funds,
    currency: 'CNY',
    term: { en: 'No fixed term; 1 year or more is advised', zh: '无固定期限，建议持有 1 年以上' },
    termDays: null,
    rate: { kind: 'floating', min: -12.4, max: 18.6 },
    riskClass: 'R3',
    minimum: 10,
    step: 0.01,
    fee: { en: 'Entry 0.15%, management 1.00%, custody 0.20% a year', zh: '申购费 0.15%，管理费 1.00%/年，托管费 0.20%/年' },
    redemption: { en: 'Every trading day; 1.5% when held less than 7 days', zh: '每个交易日可赎回，持有不足 7 天收取 1.5%' },
    settlement: { en: '3 business days after redemption', zh: '赎回确认后 3 个工作日到账' },
    guarantee: noGuarantee
  },
  {
    id: 'gold-savings',
    code: 'BI-G-0999',
    issuer: bank,
    currency: 'CNY',
    term: { en: 'No fixed term', zh: '无固定期限' },
    termDays: null,
    rate: { kind: 'floating', min: -15.2, max: 27.3 },
    riskClass: 'R4',
    minimum: 900,
    step: 1,
    fee: { en: '0.4% when selling; none when taking bars', zh: '卖出手续费 0.4%；提取实物金条免手续费' },
    redemption: { en: 'Every trading day, in cash or in bars of 10 g or more', zh: '每个交易日可赎回现金，或提取 10 克起的金条' },
    settlement: { en: 'At once in trading hours', zh: '交易时段内实时到账' },
    guarantee: noGuarantee
  }
]

const byId: ReadonlyMap<string, Facts> = new Map(all.map((facts) => [facts.id, facts]))

export const factsOf = (id: string): Facts | undefined => byId.get(id)
