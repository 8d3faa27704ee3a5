import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { admit } from './admission.ts'
import { analyze } from './analysis/analyze.ts'
import { findSchemaProblems, findUnsupported } from './document-problems.ts'
import { parseManifests } from './manifest/manifest.ts'
import { formatFinding, formatProblem } from './problem.ts'

/** Numerical Recipes' generator: the same documents in every run. */
function generator (seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

const rules = (JSON.parse(readFileSync(new URL('../../conformance/analysis.json', import.meta.url), 'utf8')) as readonly { rules: string }[]).map(one => one.rules)
const fragments = ['- ', ': ', '\t', '{', '}', '[', ']', '"', "'", '*a', '&a', '<<: *a', '!!', '|', '>', '%', '\n---\n', '\n', '  ', 'null', '~', 'y', '.inf', '0x', '-1', '1e999', '__proto__: 1', 'constructor: {}', '\u0000', '\ufeff', '\ud800', '#']
const values: readonly unknown[] = [null, '', 0, -1, 1.5, 1e300, true, [], {}, [[]], [null], { a: null }, '*', '[', 'a'.repeat(2000), ['x', 1], { exact: '', prefix: '' }, JSON.parse('{"__proto__": {"a": 1}}')]

describe('documents that nobody would write', () => {
  it('never makes reading, admitting or analysing throw when texts are cut and mixed', { timeout: 60_000 }, () => {
    const random = generator(1)
    for (let round = 0; round < 1500; round++) {
      let text = rules[random(rules.length)] ?? ''
      for (let edit = random(4); edit >= 0; edit--) {
        const at = random(text.length)
        text = text.slice(0, at) + (fragments[random(fragments.length)] ?? '') + text.slice(at + random(6))
      }
      const { documents, problems } = parseManifests([{ file: 'f.yaml', text }])
      const said = [...problems, ...findSchemaProblems(documents), ...findUnsupported(documents)].map(formatProblem)
      const lines = text.split('\n').length
      expect(said.every(line => /^f\.yaml:[1-9]\d*:[1-9]\d*/.test(line))).toBe(true)
      expect(problems.every(({ line }) => line <= lines)).toBe(true)
      for (const { resource } of documents) admit(resource)
      analyze(documents).map(formatFinding)
    }
  })

  it('never makes admitting or analysing throw when values are swapped for others', { timeout: 60_000 }, () => {
    const random = generator(2)
    const { documents } = parseManifests(rules.map(text => ({ file: 'f.yaml', text })))
    for (let round = 0; round < 1500; round++) {
      const changed = documents.map(document => ({ ...document, resource: { ...document.resource, spec: mutate(document.resource.spec, random) } }))
      const one = changed[random(changed.length)]
      if (one === undefined) continue
      const admission = admit(one.resource)
      expect(typeof (admission.allowed ? '' : admission.message)).toBe('string')
      if (round % 20 === 0) analyze(changed, { kubernetes: 'cluster' })
    }
  })
})

/** A copy with one value somewhere in it, or the whole, replaced. */
function mutate (value: unknown, random: (below: number) => number): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (keys.length === 0 || random(6) === 0) return values[random(values.length)]
  const chosen = keys[random(keys.length)] ?? ''
  if (Array.isArray(value)) return value.map((item: unknown, index) => String(index) === chosen ? mutate(item, random) : item)
  return Object.fromEntries(Object.entries(Object(value)).map(([key, field]) => [key, key === chosen ? mutate(field, random) : field]))
}
