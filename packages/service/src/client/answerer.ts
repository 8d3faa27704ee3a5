/** Header fields of an answer, as undici gives them. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Who gave an answer, from its x-bankinfo-* headers. */
export interface Answerer {
  readonly service: string
  readonly version: string
  readonly pod: string
}

/** The service that gave an answer; undefined when it was not one of ours, but a proxy in its place. */
export function answererOf (headers: AnswerHeaders): Answerer | undefined {
  const service = first(headers['x-bankinfo-service'])
  if (service === undefined) return undefined
  return { service, version: first(headers['x-bankinfo-version']) ?? '', pod: first(headers['x-bankinfo-pod']) ?? '' }
}

const first = (value: string | string[] | undefined) => Array.isArray(value) ? value[0] : value
