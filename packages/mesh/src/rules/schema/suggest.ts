import type { Schema } from './schema.ts'

/** What to write instead of a field that an object does not have: today's spelling, a field like it, or where it belongs. */
export function suggestField (schema: Schema, key: string): string {
  const fields = Object.keys(schema.properties ?? {})
  const spelling = flatten(key)
  const today = fields.find(field => flatten(field) === spelling)
  if (today !== undefined) return `Its spelling is "${today}" today.`
  const parents = findParents(schema, spelling)
  if (parents.length > 0) return `"${key}" belongs below ${parents.map(parent => `"${parent}"`).join(' or ')}: indent it further, or move it there.`
  const like = mostLike(key, fields)
  if (like !== undefined) return `Did you mean "${like}"?`
  return fields.length === 0 ? 'Remove it: nothing is expected here.' : `Known here: ${fields.sort().join(', ')}.`
}

/** The name that a misspelt one is nearest to; undefined when none is near. */
export function mostLike (word: string, names: readonly string[]): string | undefined {
  const [like] = names.map(name => ({ name, distance: editDistance(flatten(name), flatten(word)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return like?.name
}

/** Old documents write `sni_hosts` where Istio has `sniHosts` today. */
function flatten (key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase()
}

/** Looks for a field of that name one or two levels below, which is where it lands when a line is indented too little. */
function findParents (schema: Schema, spelling: string, levels = 2): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const below = field.items ?? field
    if (Object.keys(below.properties ?? {}).some(key => flatten(key) === spelling)) return [name]
    return levels === 1 ? [] : findParents(below, spelling, levels - 1).map(parent => `${name}.${parent}`)
  })
}

function editDistance (a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
