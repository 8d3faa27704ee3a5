import { isRecord } from '../../resources/json.ts'
import { parseTemplate, type PathStep, type TemplateNode } from './jsonpath-template.ts'

export { JsonPathError } from './jsonpath-template.ts'

/** An index that a list does not have. kubectl takes that for an error, and scripts rely on it. */
export class JsonPathRangeError extends Error {
  constructor (index: number, length: number) {
    super(`array index out of bounds: index ${index}, length ${length}`)
    this.name = 'JsonPathRangeError'
  }
}

/**
 * Fills in a JSONPath template of kubectl's dialect: `{.metadata.name}`, `{.items[*].spec.ports[?(@.name=="http2")].port}`,
 * `{range .items[*]}{.metadata.name}{"\n"}{end}`. A field that is absent is empty.
 * @see https://kubernetes.io/docs/reference/kubectl/jsonpath/
 * @throws JsonPathError for a template that does not parse
 */
export function formatJsonPath (template: string, data: unknown): string {
  return render(parseTemplate(template), data, data)
}

/** The values that one path finds; braces and the leading dot may be left out, as in `--sort-by`. */
export function findJsonPath (path: string, data: unknown): readonly unknown[] {
  const bare = path.startsWith('{') ? path : `{${path.startsWith('.') || path.startsWith('[') ? '' : '.'}${path}}`
  const [node] = parseTemplate(bare)
  return node?.type === 'path' ? follow(node.steps, data, data) : []
}

function render (nodes: readonly TemplateNode[], current: unknown, root: unknown): string {
  return nodes.map((node) => {
    if (node.type === 'text') return node.text
    const found = follow(node.steps, node.fromRoot ? root : current, root)
    return node.type === 'range'
      ? found.map((item) => render(node.body, item, root)).join('')
      : found.map(show).join(' ')
  }).join('')
}

/** The values at the end of a path. */
function follow (steps: readonly PathStep[], start: unknown, root: unknown): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => take(step, value, root)), [start])
}

function take (step: PathStep, value: unknown, root: unknown): readonly unknown[] {
  switch (step.type) {
    case 'field': return isRecord(value) && step.name in value ? [value[step.name]] : []
    case 'all': return Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []
    case 'descend': return descend(step.name, value)
    case 'index': {
      if (!Array.isArray(value)) return []
      const index = step.index < 0 ? value.length + step.index : step.index
      if (index < 0 || index >= value.length) throw new JsonPathRangeError(step.index, value.length)
      return [value[index]]
    }
    case 'slice': return Array.isArray(value) ? slice(value, step) : []
    case 'union': return step.members.flatMap((member) => take(member, value, root))
    case 'filter': {
      const items: readonly unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []
      return items.filter((item) => {
        const left = operand(step.left, item, root)
        if (step.operator === undefined || step.right === undefined) return left.length > 0
        const right = operand(step.right, item, root)
        return left.length > 0 && right.length > 0 && compare(left[0], step.operator, right[0])
      })
    }
  }
}

type Operand = Extract<PathStep, { type: 'filter' }>['left']

function operand (side: Operand, item: unknown, root: unknown): readonly unknown[] {
  return side.type === 'value' ? [side.value] : follow(side.steps, side.fromRoot ? root : item, root)
}

function compare (left: unknown, operator: string, right: unknown): boolean {
  switch (operator) {
    case '==': return left === right
    case '!=': return left !== right
  }
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false
  const [a, b] = [left, right as typeof left]
  switch (operator) {
    case '<': return a < b
    case '<=': return a <= b
    case '>': return a > b
    default: return a >= b
  }
}

function slice (items: readonly unknown[], { from, to, step }: Extract<PathStep, { type: 'slice' }>): readonly unknown[] {
  const at = (index: number): number => index < 0 ? Math.max(0, items.length + index) : Math.min(index, items.length)
  const end = to === undefined ? items.length : at(to)
  const chosen: unknown[] = []
  for (let index = at(from ?? 0); index < end; index += step) chosen.push(items[index])
  return chosen
}

function descend (name: string | undefined, value: unknown): readonly unknown[] {
  const below: readonly unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []
  const here = name === undefined ? below : isRecord(value) && name in value ? [value[name]] : []
  return [...here, ...below.flatMap((item) => descend(name, item))]
}

function show (value: unknown): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
