import Type, { type Static } from 'typebox'

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })

export const servicesSchema = Type.Array(Type.Object({
  code: Type.String(),
  title: bilingual,
  text: bilingual
}))

/** Services that the bank offers with a product. */
export type Services = Static<typeof servicesSchema>

const everybody: Services = [
  {
    code: 'hotline',
    title: { en: 'Advice by telephone', zh: '电话咨询' },
    text: { en: '24 hours a day, in Chinese and English', zh: '7×24 小时，中英文服务' }
  },
  {
    code: 'calculator',
    title: { en: 'Return calculator', zh: '收益试算' },
    text: { en: 'Any amount, any term, before you buy', zh: '购买前按任意金额与期限试算' }
  }
]

const customers: Services = [
  {
    code: 'manager',
    title: { en: 'Your relationship manager', zh: '专属客户经理' },
    text: { en: 'One person who knows your accounts', zh: '一位了解您账户的专属顾问' }
  },
  {
    code: 'reminder',
    title: { en: 'Maturity reminder', zh: '到期提醒' },
    text: { en: 'Three days before a term ends, by message', zh: '产品到期前三天短信提醒' }
  },
  ...everybody
]

/** What a customer (signed in) or a visitor (null) is offered. */
export const servicesFor = (user: string | null): Services => user === null ? everybody : customers
