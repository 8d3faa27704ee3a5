import { describe, expect, it } from 'vitest'
import { formatProblem } from '../problem.ts'
import { parseManifests } from './manifest.ts'

const parse = (text: string) => parseManifests([{ file: 'rules.yaml', text }])
const parseOne = (text: string) => {
  const { documents: [document], problems } = parse(text)
  expect(problems).toEqual([])
  if (document === undefined) throw new Error('no document was read')
  return document
}
const messages = (text: string) => parse(text).problems.map(formatProblem)
const head = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: details\n'

describe('parseManifests', () => {
  it('reads every document of every file with the line it starts on', () => {
    const { documents, problems } = parseManifests([
      { file: 'a.yaml', text: `# first\n${head}---\n\n${head.replace('details', 'reviews')}` },
      { file: 'b.json', text: '{\n\t"apiVersion": "v1",\n\t"kind": "Service",\n\t"metadata": { "name": "echo" }\n}' }
    ])
    expect(problems).toEqual([])
    expect(documents.map(({ file, line, resource }) => [file, line, resource.kind, resource.metadata.name])).toEqual([
      ['a.yaml', 2, 'Service', 'details'], ['a.yaml', 8, 'Service', 'reviews'], ['b.json', 1, 'Service', 'echo']
    ])
  })

  it('leaves empty documents and a byte order mark out', () => {
    expect(parse('---\n---\n# nothing\n---\n')).toEqual({ documents: [], problems: [] })
    expect(parseOne(`\ufeff${head}`).resource.metadata.name).toBe('details')
  })

  it('takes lists of objects apart and keeps the positions of their items', () => {
    const { documents, problems } = parse('apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    name: details\n- 5\n')
    expect(documents.map(({ line, locate }) => [line, locate('metadata.name')])).toEqual([[4, { line: 7, column: 5 }]])
    expect(problems.map(formatProblem)).toEqual([
      'rules.yaml:8:3 items[1]: a Kubernetes object is expected, a mapping with apiVersion, kind and metadata; the number 5 came\n' +
      '  Start the document with "apiVersion:". If the file holds no manifests, leave it out.'
    ])
  })

  it('tells where a field stands, by a path as text or as steps, with dots in keys', () => {
    const { locate } = parseOne(`${head}  labels:\n    app.kubernetes.io/name: x\nspec:\n  ports:\n  - name: http\n    port: 80\n`)
    expect(locate('spec.ports[0].port')).toEqual({ line: 10, column: 5 })
    expect(locate(['spec', 'ports', 0])).toEqual({ line: 9, column: 5 })
    expect(locate('metadata.labels.app.kubernetes.io/name')).toEqual({ line: 6, column: 5 })
    expect(locate('metadata.labels[app.kubernetes.io/name]')).toEqual({ line: 6, column: 5 })
  })

  it('points at the nearest field around one that is not there', () => {
    expect(parseOne(`${head}spec:\n  ports: []\n`).locate('spec.ports[3].name')).toEqual({ line: 6, column: 3 })
  })

  it('follows anchors, aliases and merge keys, in values and in positions', () => {
    const { resource, locate } = parseOne(`${head}common: &common\n  port: 80\nspec:\n  ports:\n  - <<: *common\n    name: http\n  - *common\n`)
    expect(resource.spec).toEqual({ ports: [{ port: 80, name: 'http' }, { port: 80 }] })
    expect(locate('spec.ports[0].port')).toEqual({ line: 6, column: 3 })
  })

  it('reads plain values as kubectl does: YAML 1.1 booleans and octals, dates and clock times as texts', () => {
    const { resource } = parseOne(`${head}spec: {a: y, b: on, c: No, d: 0777, e: 1:30, f: 2001-01-01, g: 1_000, h: ~, i: "y", 1: one, yes: two}\n`)
    expect(resource.spec).toEqual({ a: true, b: true, c: false, d: 511, e: '1:30', f: '2001-01-01', g: 1000, h: null, i: 'y', 1: 'one', true: 'two' })
  })

  it('reads numbers as Go does, and texts that only look like numbers as texts', () => {
    const { resource } = parseOne(`${head}spec: {a: [., .., 1.2.3, 10.0.0.1, 1:30, 1s, 0x, 12e, +, _1, 1e], b: [0x1f, 0b101, 0o17, 017, 08, -5, +5, .5, 5., 1e3, 1_000, 0]}\n`)
    expect(resource.spec).toEqual({
      a: ['.', '..', '1.2.3', '10.0.0.1', '1:30', '1s', '0x', '12e', '+', '_1', '1e'],
      b: [31, 5, 15, 15, 8, -5, 5, 0.5, 5, 1000, 1000, 0]
    })
  })

  it('keeps a key named __proto__ as a key', () => {
    const { resource } = parseOne(`${head}spec: {__proto__: {polluted: true}}\n`)
    expect(Object.keys(Object(resource.spec))).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it.each([
    ['a label that YAML reads as a boolean', `${head}  labels:\n    flag: y\n`, 'rules.yaml:6:5 Service details metadata.labels.flag: a text is expected; the boolean true came'],
    ['a duplicate key', `${head}  name: again\n`, 'rules.yaml:5:3: key "name" already set in map'],
    ['a tab in the indentation', 'apiVersion: v1\nmetadata:\n\tname: x\n', 'rules.yaml:3:1: found character that cannot start any token: a tab'],
    ['a quote that stays open', `${head}spec: "x\n`, 'rules.yaml:6:1: found unexpected end: missing closing "quote'],
    ['a line indented wrongly', 'a:\n- b:\n    c: d\n  e: f\n g: h\n', 'rules.yaml:5:1: did not find expected \'-\' indicator'],
    ['a template', `${head}spec: {{ .Values.spec }}\n`, 'rules.yaml:5:8: a key must be a text; a list or a mapping came'],
    ['an alias without anchor', `${head}spec: *nowhere\n`, 'rules.yaml:5:7: unknown anchor \'nowhere\' referenced'],
    ['an anchor that holds itself', `${head}spec: &a [*a]\n`, 'rules.yaml:5:11: anchor \'a\' value contains itself'],
    ['a merge of what is no mapping', `${head}spec:\n  <<: text\n`, 'rules.yaml:6:3: map merge requires map or sequence of maps as the value'],
    ['a number without JSON form', `${head}spec: {weight: .inf}\n`, 'rules.yaml:5:16: the number .inf has no JSON form'],
    ['a binary file', '\u0089PNG\u0000', 'rules.yaml:1:5: control characters are not allowed: U+0000'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: x}\n', 'rules.yaml:1:1: Object \'Kind\' is missing'],
    ['no apiVersion', 'kind: Service\nmetadata: {name: x}\n', 'rules.yaml:1:1 Service: apiVersion not set'],
    ['no metadata', 'apiVersion: v1\nkind: Service\n', 'rules.yaml:1:1 Service: metadata is expected, a mapping with the object\'s name; nothing came'],
    ['no name', 'apiVersion: v1\nkind: Service\nmetadata: {}\n', 'rules.yaml:3:1 Service metadata: resource name may not be empty'],
    ['a name that is a number', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: 5\n', 'rules.yaml:4:3 Service metadata.name: metadata.name must be a text; the number 5 came']
  ])('names file, line and what to do for %s', (_, text, expected) => {
    const [message = ''] = messages(text)
    expect(message).toContain(expected)
    expect(message).toMatch(/\n {2}\S.+\.$/)
  })

  it('returns the good documents of a file that has a bad one', () => {
    const { documents, problems } = parse(`${head}---\na: b: c\n---\n${head.replace('details', 'reviews')}`)
    expect(documents.map(document => document.resource.metadata.name)).toEqual(['details', 'reviews'])
    expect(problems.map(problem => problem.line)).toEqual([6])
  })

  it('refuses aliases that multiply, before they are written out', () => {
    const bomb = `a: &a [${'x,'.repeat(9)}x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}x]`).join('\n')}\n`
    expect(messages(bomb)[0]).toContain('document contains excessive aliasing')
  })

  it('lets hundreds of uses of one anchor pass', () => {
    const { resource } = parseOne(`${head}spec:\n  one: &one {port: 80}\n  all:\n${'  - *one\n'.repeat(500)}`)
    expect(resource.spec).toMatchObject({ all: { length: 500 } })
  })

  it.each([['brackets', '['.repeat(100_000)], ['list items', '- '.repeat(100_000)], ['indentation', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')]])(
    'refuses a document nested too deeply by %s', (_, text) => {
      expect(messages(text)[0]).toContain('the document is nested more than 100 levels deep')
    })

  it('refuses a document longer than an API server takes, by the line it starts on', () => {
    expect(messages(`${head}---\n${head}spec: ${'x'.repeat(4 * 1024 * 1024)}\n`)[0]).toContain('rules.yaml:5:1: the document is 4.0 MiB long; an API server takes at most 3.0 MiB')
  })
})
