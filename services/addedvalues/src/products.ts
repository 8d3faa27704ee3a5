interface Bilingual {
  readonly en: string
  readonly zh: string
}

/** What the analysis of a product rests on. */
export interface Product {
  readonly id: string
  /** 1 (hardly any) to 5 (high). */
  readonly risks: { readonly market: number, readonly credit: number, readonly liquidity: number }
  /** Percent a year. */
  readonly scenarios: { readonly pessimistic: number, readonly expected: number, readonly optimistic: number }
  /** How long the scenarios hold it. */
  readonly days: number
  readonly allocation: readonly { asset: Bilingual, percent: number }[]
}

const assets = {
  deposits: { en: 'Deposits', zh: '存款' },
  bonds: { en: 'Bonds', zh: '债券' },
  certificates: { en: 'Interbank certificates', zh: '同业存单' },
  repo: { en: 'Reverse repo', zh: '逆回购' },
  shares: { en: 'Shares', zh: '股票' },
  gold: { en: 'Gold', zh: '黄金' },
  cash: { en: 'Cash', zh: '现金' }
} as const

const all: readonly Product[] = [
  {
    id: 'wealth-90',
    risks: { market: 2, credit: 2, liquidity: 3 },
    scenarios: { pessimistic: 1.2, expected: 2.6, optimistic: 3.1 },
    days: 90,
    allocation: [{ asset: assets.bonds, percent: 62 }, { asset: assets.certificates, percent: 26 }, { asset: assets.cash, percent: 12 }]
  },
  {
    id: 'time-deposit-3y',
    risks: { market: 1, credit: 1, liquidity: 3 },
    scenarios: { pessimistic: 0.05, expected: 1.75, optimistic: 1.75 },
    days: 1095,
    allocation: [{ asset: assets.deposits, percent: 100 }]
  },
  {
    id: 'large-cd-2y',
    risks: { market: 1, credit: 1, liquidity: 2 },
    scenarios: { pessimistic: 1.35, expected: 1.6, optimistic: 1.6 },
    days: 730,
    allocation: [{ asset: assets.deposits, percent: 100 }]
  },
  {
    id: 'cash-plus',
    risks: { market: 1, credit: 2, liquidity: 1 },
    scenarios: { pessimistic: 1.1, expected: 1.42, optimistic: 1.7 },
    days: 30,
    allocation: [{ asset: assets.certificates, percent: 48 }, { asset: assets.deposits, percent: 30 }, { asset: assets.repo, percent: 22 }]
  },
  {
    id: 'balanced-fund',
    risks: { market: 3, credit: 3, liquidity: 2 },
    scenarios: { pessimistic: -12.4, expected: 4.8, optimistic: 18.6 },
    days: 365,
    allocation: [{ asset: assets.shares, percent: 54 }, { asset: assets.bonds, percent: 38 }, { asset: assets.cash, percent: 8 }]
  },
  {
    id: 'gold-savings',
    risks: { market: 5, credit: 2, liquidity: 2 },
    scenarios: { pessimistic: -15.2, expected: 5.5, optimistic: 27.3 },
    days: 365,
    allocation: [{ asset: assets.gold, percent: 100 }]
  }
]

const byId: ReadonlyMap<string, Product> = new Map(all.map((product) => [product.id, product]))

export const productOf = (id: string): Product | undefined => byId.get(id)
