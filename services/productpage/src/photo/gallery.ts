import { checkerOf } from '@bankinfo/service'
import Type, { type Static } from 'typebox'
import type { Language } from '../web/language.ts'

/** A number that a style takes, as a slider shows it. */
export interface StyleParameter {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly minimum: number
  readonly maximum: number
  readonly default: number
}

/** One style of the gallery. */
export interface StyleChoice {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly parameters: readonly StyleParameter[]
}

/** What styletransfer offers, in the visitor's language. */
export interface Gallery {
  readonly styles: readonly StyleChoice[]
  /** The style that a second picture gives; absent where styletransfer has no such thing. */
  readonly ownStyle: Omit<StyleChoice, 'id'> | undefined
  /** Every parameter that some style takes, once: what a form without script shows. */
  readonly parameters: readonly StyleParameter[]
  /** Formats of the answer, like `webp`. */
  readonly formats: readonly string[]
  /** The largest picture that is taken, in bytes, where styletransfer says it. */
  readonly maxBytes: number | undefined
}

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })
const parameter = Type.Object({
  name: Type.String({ pattern: '^[a-z][A-Za-z]{0,30}$' }),
  label: bilingual,
  description: bilingual,
  minimum: Type.Number(),
  maximum: Type.Number(),
  default: Type.Number()
})
const described = { name: bilingual, description: Type.Optional(bilingual), parameters: Type.Optional(Type.Array(parameter)) }
const gallerySchema = Type.Object({
  styles: Type.Array(Type.Object({ id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }), ...described })),
  styleImage: Type.Optional(Type.Object(described)),
  formats: Type.Optional(Type.Object({ output: Type.Array(Type.String()) })),
  limits: Type.Optional(Type.Object({ maxUploadBytes: Type.Optional(Type.Number()) }))
})

type GalleryAnswer = Static<typeof gallerySchema>
type Described = Pick<GalleryAnswer['styles'][number], 'name' | 'description' | 'parameters'>

/** Whether an answer is styletransfer's GET /styles. */
export const isGallery = checkerOf(gallerySchema)

/** The gallery where there was no answer. */
export const noGallery: Gallery = { styles: [], ownStyle: undefined, parameters: [], formats: [], maxBytes: undefined }

/** styletransfer's answer in one language. */
export function galleryOf (answer: GalleryAnswer, language: Language): Gallery {
  const translated = ({ name, description, parameters = [] }: Described) => ({
    name: name[language],
    description: description?.[language] ?? '',
    parameters: parameters.map((one) => ({ ...one, label: one.label[language], description: one.description[language] }))
  })
  const styles = answer.styles.map((style) => ({ id: style.id, ...translated(style) }))
  const ownStyle = answer.styleImage === undefined ? undefined : translated(answer.styleImage)
  const byName = new Map<string, StyleParameter>()
  for (const { parameters } of [...styles, ...(ownStyle === undefined ? [] : [ownStyle])]) {
    for (const one of parameters) {
      const known = byName.get(one.name)
      // Where styles mean different things by it, only its name is true for all.
      byName.set(one.name, known === undefined || known.description === one.description ? one : { ...known, description: '' })
    }
  }
  return {
    styles,
    ownStyle,
    parameters: [...byName.values()],
    formats: (answer.formats?.output ?? []).flatMap((type) => /^image\/([a-z0-9]+)$/.exec(type)?.[1] ?? []),
    maxBytes: answer.limits?.maxUploadBytes
  }
}
