/** A selector that does not parse; the message is the API server's. */
export class SelectorError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'SelectorError'
  }
}

type Labels = Readonly<Record<string, string>>

const requirement = /^\s*(?:(?<absent>!)\s*(?<absentKey>[^\s=!,()]+)|(?<key>[^\s=!,()<>]+)(?:\s*(?<operator>==|=|!=|<|>)\s*(?<value>[^\s=!,()]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*(?:,|$)/

/**
 * A test for labels from a selector such as `app=web,version in (v1, v2),tier!=db,!canary`.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @throws SelectorError
 */
export function labelSelector (text: string): (labels: Labels) => boolean {
  const tests: Array<(labels: Labels) => boolean> = []
  let rest = text
  while (rest.trim() !== '') {
    const match = requirement.exec(rest)
    if (match?.groups === undefined) throw new SelectorError(`unable to parse requirement: found '${rest.trim()}', expected: label=value, label!=value, label in (a, b), label notin (a, b), label or !label`)
    tests.push(labelTest(match.groups))
    rest = rest.slice(match[0].length)
  }
  return (labels) => tests.every((test) => test(labels))
}

function labelTest (groups: Record<string, string | undefined>): (labels: Labels) => boolean {
  const { absentKey, key = '', operator, value = '', set, values = '' } = groups
  if (absentKey !== undefined) return (labels) => !(absentKey in labels)
  if (set !== undefined) {
    const listed = new Set(values.split(',').map((item) => item.trim()))
    return (labels) => listed.has(labels[key] ?? NOWHERE) === (set === 'in')
  }
  switch (operator) {
    case undefined: return (labels) => key in labels
    case '!=': return (labels) => labels[key] !== value
    case '<': return (labels) => Number(labels[key]) < Number(value)
    case '>': return (labels) => Number(labels[key]) > Number(value)
    default: return (labels) => labels[key] === value
  }
}

/** A value that no label can have. */
const NOWHERE = '\0'

/**
 * A test for objects from a field selector such as `metadata.name=web,status.phase!=Running`. A field that is absent is the empty string.
 * @throws SelectorError
 */
export function fieldSelector (text: string): (object: object) => boolean {
  const tests = text.split(',').filter((term) => term.trim() !== '').map((term) => {
    const match = /^\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(term)
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, path = '', operator, value = ''] = match
    const expected = value.replaceAll(/\\(.)/g, '$1')
    return (object: object) => (fieldText(object, path) === expected) === (operator !== '!=')
  })
  return (object) => tests.every((test) => test(object))
}

function fieldText (object: object, path: string): string {
  let value: unknown = object
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return ''
    value = (value as Record<string, unknown>)[part]
  }
  return value === undefined || value === null ? '' : String(value)
}
