import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Node } from 'yaml'

/** Levels of a document; no Kubernetes object has a third of them. */
export const maxDepth = 100
/** Nodes of a document with all its aliases written out. A file of 3 MiB cannot have as many without aliases. */
const maxNodes = 2_000_000

export interface BadNode {
  readonly offset: number
  readonly message: string
  readonly hint: string
}

/** Aliases that multiply, that point at nothing or at themselves, keys and numbers that JSON cannot hold, and depth. */
export function findBadNode (document: Document): BadNode | undefined {
  const extents = new Map<unknown, Extent>()
  const open = new Set<unknown>()
  const anchors = new Map<string, Node>()
  let found: BadNode | undefined
  const fail = (node: unknown, message: string, hint: string): Extent => {
    found ??= { offset: offsetOf(node) ?? 0, message, hint }
    return leaf
  }
  const visit = (node: unknown, depth: number): Extent => {
    if (found !== undefined || node === null || node === undefined) return leaf
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined) return fail(node, `unknown anchor '${node.source}' referenced`, `Write "&${node.source}" in front of the value that is meant, above this line; anchors do not reach into another document.`)
      if (open.has(target)) return fail(node, `anchor '${node.source}' value contains itself`, 'Write the value out instead of referring to it from within.')
      return extents.get(target) ?? leaf
    }
    if (isScalar(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
      if (typeof node.value === 'number' && !Number.isFinite(node.value)) return fail(node, `the number ${node.source ?? String(node.value)} has no JSON form`, 'Write a finite number, or put the value in quotes.')
      return leaf
    }
    if (depth > maxDepth) return fail(node, tooDeep, 'Take some of the levels out; no Kubernetes object needs as many.')
    if (!isMap(node) && !isSeq(node)) return leaf
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    open.add(node)
    const extent = { nodes: 1, levels: 1 }
    const add = (child: unknown): void => {
      const { nodes, levels } = visit(child, depth + 1)
      extent.nodes += nodes
      extent.levels = Math.max(extent.levels, levels + 1)
      if (extent.levels > maxDepth) fail(child, tooDeep, 'Take some of the levels out; no Kubernetes object needs as many.')
      if (extent.nodes > maxNodes) fail(child, 'document contains excessive aliasing', 'Write the values out instead of multiplying them by aliases.')
    }
    for (const item of node.items) {
      if (isPair(item)) {
        if (item.key !== null && !isScalar(item.key) && !isAlias(item.key)) return fail(item.key, 'a key must be a text; a list or a mapping came', 'If the value is a template ({{ ... }}), put it in quotes.')
        if (isMergeKey(item.key) && !isMergeable(item.value, anchors)) return fail(item.key, 'map merge requires map or sequence of maps as the value', 'Write "<<: *name", where &name stands in front of a mapping.')
        add(item.key)
        add(item.value)
      } else add(item)
    }
    open.delete(node)
    extents.set(node, extent)
    return extent
  }
  visit(document.contents, 0)
  return found
}

function isMergeKey (key: unknown): boolean {
  return isScalar(key) && (typeof key.value === 'symbol' || (key.value === '<<' && key.type === 'PLAIN'))
}

function isMergeable (value: unknown, anchors: ReadonlyMap<string, Node>): boolean {
  const target = isAlias(value) ? anchors.get(value.source) ?? value : value
  const isMapping = (node: unknown): boolean => isMap(isAlias(node) ? anchors.get(node.source) ?? node : node)
  return isAlias(target) || isMap(target) || (isSeq(target) && target.items.every(isMapping))
}

/** What a node amounts to with its aliases written out. */
interface Extent {
  readonly nodes: number
  readonly levels: number
}

const leaf: Extent = { nodes: 1, levels: 0 }
export const tooDeep = `the document is nested more than ${maxDepth} levels deep`

/** Where a node of the tree starts in the text. */
export function offsetOf (node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined
  const start: unknown = node.range[0]
  return typeof start === 'number' ? start : undefined
}
