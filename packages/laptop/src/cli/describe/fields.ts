import { recordOf, textOf, type JsonRecord } from '../../resources/json.ts'

/** Annotations that say nothing to people. */
const hidden = new Set(['kubectl.kubernetes.io/last-applied-configuration'])
const longest = 140

/** Name, namespace, labels and annotations. */
export function header (object: JsonRecord): string {
  const { name, namespace, labels, annotations } = recordOf(object.metadata)
  return `Name:\t${textOf(name)}\nNamespace:\t${textOf(namespace)}\n${showMap('Labels', labels)}${showAnnotations(annotations)}`
}

/** A map, one pair a line, the first behind the title. */
export function showMap (title: string, map: unknown, indent = ''): string {
  return showLines(title, Object.entries(recordOf(map)).sort(byKey).map(([key, value]) => `${key}=${textOf(value)}`), indent)
}

export function showAnnotations (annotations: unknown, indent = ''): string {
  const pairs = Object.entries(recordOf(annotations)).filter(([key]) => !hidden.has(key)).sort(byKey)
  const lines = pairs.map(([key, value]) => {
    const text = textOf(value).replace(/\n$/, '')
    if (!text.includes('\n') && key.length + text.length + 2 <= longest) return `${key}: ${text}`
    const shown = text.split('\n').map((line) => line.length > longest ? `${line.slice(0, longest)}...` : line)
    return [`${key}:`, ...shown.map((line) => `  ${line}`)].join(`\n${indent}\t`)
  })
  return showLines('Annotations', lines, indent)
}

/** A title and the lines that belong to it; `<none>` without any. */
export function showLines (title: string, lines: readonly string[], indent = ''): string {
  if (lines.length === 0) return `${indent}${title}:\t<none>\n`
  return lines.map((line, index) => `${indent}${index === 0 ? `${title}:` : ''}\t${line}\n`).join('')
}

/** A time as Go prints it by default: `Mon, 02 Jan 2006 15:04:05 -0700`. */
export function showTime (time: unknown): string {
  const date = new Date(textOf(time))
  if (Number.isNaN(date.getTime())) return ''
  const [weekday = '', month = '', day = '', year = '', clock = ''] = date.toString().split(' ')
  const zone = /GMT([+-]\d{4})/.exec(date.toString())?.[1] ?? '+0000'
  return `${weekday}, ${day} ${month} ${year} ${clock} ${zone}`
}

function byKey ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
