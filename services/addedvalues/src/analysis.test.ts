import { expect, test } from 'vitest'
import { analyse } from './analysis.ts'
import { productOf, type Product } from './products.ts'

const product = (risks: Product['risks']): Product => ({ id: 'x', risks, scenarios: { pessimistic: -10, expected: 3.65, optimistic: 20 }, days: 100, allocation: [] })

test.each([
  [{ market: 1, credit: 1, liquidity: 1 }, 0, 'R1'],
  [{ market: 2, credit: 2, liquidity: 2 }, 25, 'R2'],
  [{ market: 3, credit: 3, liquidity: 3 }, 50, 'R3'],
  [{ market: 5, credit: 2, liquidity: 2 }, 63, 'R4'],
  [{ market: 5, credit: 5, liquidity: 5 }, 100, 'R5']
] as const)('weighs the risks %j to %i, which is %s', (risks, score, riskClass) => {
  expect(analyse(product(risks)).risk).toMatchObject({ score, class: riskClass })
})

test('a scenario is simple interest over the days held, to the cent', () => {
  const { scenarios } = analyse(product({ market: 1, credit: 1, liquidity: 1 })).investment
  expect(scenarios.map(({ value }) => value)).toEqual([9726.03, 10_100, 10_547.95])
})

test.each(['wealth-90', 'time-deposit-3y', 'large-cd-2y', 'cash-plus', 'balanced-fund', 'gold-savings'])('what %s holds adds up to 100 percent', (id) => {
  const known = productOf(id)
  expect(known?.allocation.reduce((sum, { percent }) => sum + percent, 0)).toBe(100)
})
