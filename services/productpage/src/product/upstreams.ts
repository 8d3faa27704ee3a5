import { checkerOf, type Client, type JsonAnswer } from '@bankinfo/service'
import type { FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'

/** The services that the page asks, and how patiently. */
export interface Upstreams {
  readonly details: Client
  readonly addedValues: Client
  /** ms, for each attempt. */
  readonly timeout: number
  readonly attempts: number
}

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })
const riskClass = Type.Enum(['R1', 'R2', 'R3', 'R4', 'R5'])

/** What the page needs of details' answer. */
export const detailsSchema = Type.Object({
  id: Type.String(),
  code: Type.String(),
  issuer: bilingual,
  currency: Type.String(),
  term: bilingual,
  rate: Type.Object({ kind: Type.Enum(['fixed', 'benchmark', 'sevenDay', 'floating']), min: Type.Number(), max: Type.Number() }),
  riskClass,
  minimum: Type.Number(),
  step: Type.Number(),
  fee: bilingual,
  redemption: bilingual,
  settlement: bilingual,
  guarantee: bilingual
}, { additionalProperties: true })
export type Details = Static<typeof detailsSchema>

/** What the page needs of addedvalues' answer. */
export const addedValuesSchema = Type.Object({
  version: Type.String(),
  pod: Type.String(),
  user: Type.Union([Type.String(), Type.Null()]),
  services: Type.Array(Type.Object({ code: Type.String(), title: bilingual, text: bilingual })),
  analysis: Type.Optional(Type.Object({
    risk: Type.Object({
      class: riskClass,
      score: Type.Number(),
      factors: Type.Array(Type.Object({ code: Type.Enum(['market', 'credit', 'liquidity']), level: Type.Integer({ minimum: 1, maximum: 5 }) })),
      suitableFor: bilingual
    }),
    investment: Type.Object({
      amount: Type.Number(),
      days: Type.Integer(),
      scenarios: Type.Array(Type.Object({ code: Type.Enum(['pessimistic', 'expected', 'optimistic']), rate: Type.Number(), value: Type.Number() })),
      allocation: Type.Array(Type.Object({ asset: bilingual, percent: Type.Number() }))
    })
  })),
  styleTransfer: Type.Optional(Type.Object({
    enabled: Type.Boolean(),
    reason: Type.Object({ code: Type.String(), status: Type.Optional(Type.Integer()), en: Type.String(), zh: Type.String() })
  }))
}, { additionalProperties: true })
export type AddedValues = Static<typeof addedValuesSchema>

const isDetails = checkerOf(detailsSchema)
const isAddedValues = checkerOf(addedValuesSchema)

export function askDetails ({ details, timeout, attempts }: Upstreams, from: FastifyRequest, id: string): Promise<JsonAnswer<Details>> {
  return details.json({ from, path: `/api/v1/details/${id}`, timeout, attempts, check: isDetails })
}

export function askAddedValues ({ addedValues, timeout, attempts }: Upstreams, from: FastifyRequest, id: string): Promise<JsonAnswer<AddedValues>> {
  return addedValues.json({ from, path: `/api/v1/addedvalues/${id}`, timeout, attempts, check: isAddedValues })
}
