import type { Bilingual } from '@bankinfo/service'

/** What the page itself knows of a product; its facts are details', its added values addedvalues'. */
export interface Product {
  readonly id: string
  readonly kind: Bilingual
  readonly name: Bilingual
  readonly tagline: Bilingual
  readonly description: Bilingual
  readonly highlights: readonly Bilingual[]
}

export const products: readonly [Product, ...Product[]] = [
  {
    id: 'wealth-90',
    kind: { en: 'Wealth management', zh: '银行理财' },
    name: { en: 'Steady Wealth 90', zh: '稳盈 90 天' },
    tagline: { en: 'Idle money, at work for a quarter', zh: '闲置资金，稳健增值一个季度' },
    description: {
      en: 'A fixed-income product for money that you will not need for three months. It buys bonds and certificates of deposit of good standing, most of them due within a year, and rolls over every 90 days unless you tell it not to.',
      zh: '适合三个月内暂不动用的资金。产品投资于信用良好的债券与同业存单，资产多在一年内到期；每 90 天为一个周期，到期自动续期，也可随时预约赎回。'
    },
    highlights: [
      { en: 'Starts at 1 yuan', zh: '1 元起购' },
      { en: 'No entry and no exit fee', zh: '零申购费、零赎回费' },
      { en: 'Fixed income, low risk', zh: '固定收益类，中低风险' }
    ]
  },
  {
    id: 'time-deposit-3y',
    kind: { en: 'Deposit', zh: '存款' },
    name: { en: 'Three-Year Time Deposit', zh: '三年期整存整取' },
    tagline: { en: 'A rate that stays, whatever the market does', zh: '利率锁定三年，市场波动无忧' },
    description: {
      en: 'You pay in once and know today what you will have in three years: the rate is fixed on the first day. If you need the money earlier you get it at once; only the part that you take out earns the demand rate instead.',
      zh: '一次存入，到期本息当天即可知晓：利率自存入日起固定三年。如需提前用款可随时支取，仅支取部分改按活期利率计息。'
    },
    highlights: [
      { en: 'Deposit insurance', zh: '存款保险保障' },
      { en: 'Fixed rate', zh: '固定利率' },
      { en: 'Starts at 50 yuan', zh: '50 元起存' }
    ]
  },
  {
    id: 'large-cd-2y',
    kind: { en: 'Deposit', zh: '存款' },
    name: { en: 'Large Certificate of Deposit, 2 Years', zh: '两年期大额存单' },
    tagline: { en: 'For larger sums, and yours to sell on', zh: '大额资金之选，持有期内可转让' },
    description: {
      en: 'A certificate of deposit for sums of 200,000 yuan and more. Interest is paid when it matures. Who needs the money before that need not break the term: the certificate can be sold to another customer in our app.',
      zh: '面向 20 万元及以上资金的标准化存款产品，到期一次还本付息。持有期间如需用款，无需提前支取，可在手机银行转让给其他客户。'
    },
    highlights: [
      { en: 'Deposit insurance', zh: '存款保险保障' },
      { en: 'Can be transferred', zh: '支持转让' },
      { en: 'From 200,000 yuan', zh: '20 万元起存' }
    ]
  },
  {
    id: 'cash-plus',
    kind: { en: 'Money market', zh: '货币基金' },
    name: { en: 'Cash Plus', zh: '日日盈' },
    tagline: { en: 'As near as an account, with a little more', zh: '像活期一样方便，收益更进一步' },
    description: {
      en: 'A money market fund for the money of everyday life. Earnings are credited every day. Up to 10,000 yuan a day can be back on your account in a moment, larger sums on the next business day.',
      zh: '为日常零钱打造的货币市场基金，收益每日结转。每日 1 万元以内快速赎回实时到账，更大金额下一工作日到账。'
    },
    highlights: [
      { en: 'Credited daily', zh: '每日结转收益' },
      { en: 'Back in seconds', zh: '赎回秒到账' },
      { en: 'From 0.01 yuan', zh: '0.01 元起购' }
    ]
  },
  {
    id: 'balanced-fund',
    kind: { en: 'Mixed fund', zh: '混合型基金' },
    name: { en: 'Evergreen Balanced Fund', zh: '长青平衡混合' },
    tagline: { en: 'Half growth, half calm', zh: '股债平衡，攻守兼备' },
    description: {
      en: 'Shares of companies that earn well and owe little, balanced by bonds of high quality. The share quota moves between 40 and 65 percent. Prices go up and down: plan to hold it for a year or more.',
      zh: '以盈利稳健、负债较低的上市公司股票为进攻，以高等级债券为防守，股票仓位在 40% 至 65% 之间调整。净值会有涨跌，建议持有一年以上。'
    },
    highlights: [
      { en: 'Shares and bonds', zh: '股债均衡配置' },
      { en: 'From 10 yuan', zh: '10 元起投' },
      { en: 'Savings plan possible', zh: '支持定投' }
    ]
  },
  {
    id: 'gold-savings',
    kind: { en: 'Precious metal', zh: '贵金属' },
    name: { en: 'Gold Savings', zh: '积存金' },
    tagline: { en: 'Gold by the gram, in cash or in bars', zh: '按克积存黄金，可兑现可提金' },
    description: {
      en: 'Buy gold gram by gram at the price of the Shanghai Gold Exchange, once or month after month. Sell it whenever the market is open, or take it home as bars of 10 grams and more.',
      zh: '按上海黄金交易所价格逐克购入黄金，可一次买入，也可按月积存。交易时段内随时卖出，也可提取 10 克起的实物金条。'
    },
    highlights: [
      { en: 'From 1 gram', zh: '1 克起购' },
      { en: 'Bars on request', zh: '可提取实物金条' },
      { en: 'Follows the gold price', zh: '紧跟金价' }
    ]
  }
]

const byId: ReadonlyMap<string, Product> = new Map(products.map((product) => [product.id, product]))

export const productOf = (id: string): Product | undefined => byId.get(id)

/** The product of /productpage without `product`. */
export const firstProduct: Product = products[0]
