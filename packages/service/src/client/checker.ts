import { Ajv } from 'ajv'
import type { Static, TSchema } from 'typebox'

// fastify has ajv loaded; typebox's own compiler would cost a process another 10 MB.
const ajv = new Ajv({ strict: false })

/** A check that what came from outside has the shape of a schema, compiled once. */
export function checkerOf<S extends TSchema> (schema: S): (body: unknown) => body is Static<S> {
  const validate = ajv.compile(schema)
  return (body): body is Static<S> => validate(body)
}
