import { RE2JS } from 're2js'
import { quote } from './names.ts'

/** What RE2, the engine of Envoy, has to say about a regular expression; undefined when it takes it. */
export function checkRegex (expression: string, where: string): string | undefined {
  if (Buffer.byteLength(expression) > 1024) return `${quote(where)}: regex is too large, max length allowed is 1024`
  try {
    RE2JS.compile(expression)
    return undefined
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const message = error.message.endsWith('at end of expression') ? `${error.message}: \`\`` : error.message
    return `${quote(where)}: ${message}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`
  }
}
