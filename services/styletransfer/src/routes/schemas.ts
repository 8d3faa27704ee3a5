import Type from 'typebox'

const bilingual = Type.Object({ en: Type.String(), zh: Type.String() })

const parameter = Type.Object({
  name: Type.String(),
  label: bilingual,
  description: bilingual,
  minimum: Type.Number(),
  maximum: Type.Number(),
  default: Type.Number()
})

export const stylesSchema = Type.Object({
  styles: Type.Array(Type.Object({
    id: Type.String(),
    name: bilingual,
    description: bilingual,
    parameters: Type.Array(parameter),
    preview: Type.String({ description: 'address of a small sample, on this service' })
  })),
  styleImage: Type.Object({ name: bilingual, description: bilingual, parameters: Type.Array(parameter) }),
  formats: Type.Object({ input: Type.Array(Type.String()), output: Type.Array(Type.String()) }),
  limits: Type.Object({
    maxUploadBytes: Type.Integer(),
    maxPixels: Type.Integer(),
    maxFrames: Type.Integer(),
    maxEdge: Type.Integer({ description: 'longer side of the answer, in pixels' }),
    maxSeconds: Type.Number({ description: 'time that the work on one photo may take' }),
    uploadSeconds: Type.Number(),
    workers: Type.Integer(),
    queueLength: Type.Integer()
  })
})

/** A picture as the body of an answer. */
export const pictureSchema = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })
