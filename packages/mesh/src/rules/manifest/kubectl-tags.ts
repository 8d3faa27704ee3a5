import type { ScalarTag, Tags } from 'yaml'

/** kubectl's parser has no dates, no numbers to base 60 and no sets; it reads such values as texts. Its numbers are Go's. */
export function kubectlTags (tags: Tags): Tags {
  return [...tags.filter(tag => typeof tag === 'string' || !/int$|float$|timestamp|:set$|omap|pairs|binary/.test(tag.tag)), goNumber]
}

/**
 * What go-yaml takes for a number: Go's integers (0x, 0o, 0b, octal by a leading zero), decimal fractions, infinities; underscores
 * do not count. All else that begins like one, such as `.`, `1.2.3` or `10:30`, is a text.
 */
const goNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+]?(?:[0-9]|\.[0-9]|\.(?:inf|Inf|INF)$)|^\.(?:nan|NaN|NAN)$/,
  resolve: readGoNumber
}

function readGoNumber (text: string): number | string {
  const plain = text.replaceAll('_', '')
  const [, sign, digits = ''] = /^([-+]?)(.*)$/.exec(plain) ?? []
  const factor = sign === '-' ? -1 : 1
  if (/^\.inf$/i.test(digits)) return factor * Infinity
  if (/^\.nan$/i.test(plain)) return NaN
  if (/^0x[0-9a-f]+$|^0b[01]+$|^0o[0-7]+$/i.test(digits)) return factor * Number(digits)
  if (/^0[0-7]+$/.test(digits)) return factor * parseInt(digits, 8)
  return /^(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(digits) ? factor * Number(digits) : text
}
