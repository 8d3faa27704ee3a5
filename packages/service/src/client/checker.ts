import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** A check that what came from outside has the shape of a schema, compiled once. */
export function checkerOf<S extends TSchema> (schema: S): (body: unknown) => body is Static<S> {
  const validator = Compile(schema)
  return (body): body is Static<S> => validator.Check(body)
}
