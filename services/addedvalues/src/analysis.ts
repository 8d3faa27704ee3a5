import Type, { type Static } from 'typebox'
import type { Product } from './products.ts'

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })

export const analysisSchema = Type.Object({
  risk: Type.Object({
    class: Type.Enum(['R1', 'R2', 'R3', 'R4', 'R5']),
    score: Type.Integer({ minimum: 0, maximum: 100 }),
    factors: Type.Array(Type.Object({ code: Type.Enum(['market', 'credit', 'liquidity']), level: Type.Integer({ minimum: 1, maximum: 5 }) })),
    suitableFor: bilingual
  }),
  investment: Type.Object({
    amount: Type.Integer({ description: 'what the scenarios start from, CNY' }),
    days: Type.Integer({ description: 'how long it is held' }),
    scenarios: Type.Array(Type.Object({
      code: Type.Enum(['pessimistic', 'expected', 'optimistic']),
      rate: Type.Number({ description: 'percent a year' }),
      value: Type.Number({ description: 'worth at the end, CNY' })
    })),
    allocation: Type.Array(Type.Object({ asset: bilingual, percent: Type.Integer() }))
  })
})

/** Risk and investment analysis of one product. */
export type Analysis = Static<typeof analysisSchema>

const amount = 10_000
const weights = { market: 0.5, credit: 0.3, liquidity: 0.2 }
const suitableFor = {
  R1: { en: 'Cautious and above', zh: '谨慎型及以上' },
  R2: { en: 'Steady and above', zh: '稳健型及以上' },
  R3: { en: 'Balanced and above', zh: '平衡型及以上' },
  R4: { en: 'Growth and above', zh: '进取型及以上' },
  R5: { en: 'Aggressive', zh: '激进型' }
}

/**
 * Analyses a product. The score weighs its three risks (levels 1 to 5) to 0..100, the class is the fifth of that scale
 * it falls in; a scenario's value is simple interest on 10,000 CNY over the holding period, act/365, to the cent.
 */
export function analyse ({ risks, scenarios, days, allocation }: Product): Analysis {
  const level = weights.market * risks.market + weights.credit * risks.credit + weights.liquidity * risks.liquidity
  const score = Math.round((level - 1) / 4 * 100)
  const riskClass = classOf(score)
  return {
    risk: {
      class: riskClass,
      score,
      factors: [
        { code: 'market', level: risks.market },
        { code: 'credit', level: risks.credit },
        { code: 'liquidity', level: risks.liquidity }
      ],
      suitableFor: suitableFor[riskClass]
    },
    investment: {
      amount,
      days,
      scenarios: [
        { code: 'pessimistic', rate: scenarios.pessimistic, value: valueOf(scenarios.pessimistic, days) },
        { code: 'expected', rate: scenarios.expected, value: valueOf(scenarios.expected, days) },
        { code: 'optimistic', rate: scenarios.optimistic, value: valueOf(scenarios.optimistic, days) }
      ],
      allocation: [...allocation]
    }
  }
}

function classOf (score: number): Analysis['risk']['class'] {
  if (score < 20) return 'R1'
  if (score < 40) return 'R2'
  if (score < 60) return 'R3'
  return score < 80 ? 'R4' : 'R5'
}

const valueOf = (rate: number, days: number) => Math.round(amount * (1 + rate / 100 * days / 365) * 100) / 100
