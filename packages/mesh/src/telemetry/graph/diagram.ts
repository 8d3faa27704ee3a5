/**
 * Who calls whom, as text that other programs draw.
 * https://graphviz.org/doc/info/lang.html
 * https://mermaid.js.org/syntax/flowchart.html
 */
import { durationOf, nodeName, rateOf, shareOf } from './table.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'

export function graphToDot (graph: Graph): string {
  const nodes = nodesOf(graph)
  const lines = [
    'digraph bankinfo {',
    '  rankdir=LR',
    '  node [shape=box, style=rounded]',
    ...[...nodes].map(([key, { id, node }]) => `  ${id} [label=${quoted(key)}${node.kind === 'external' || node.kind === 'cluster' ? ', style=dashed' : node.kind === 'blocked' ? ', style=dashed, color=red' : ''}]`),
    ...graph.edges.map((edge) => `  ${idOf(nodes, edge.from)} -> ${idOf(nodes, edge.to)} [label=${quoted(labelOf(edge, '\n'))}${edge.errors > 0 ? ', color=red' : ''}]`),
    '}'
  ]
  return `${lines.join('\n')}\n`
}

/** For Markdown of GitHub, GitLab and many others. */
export function graphToMermaid (graph: Graph): string {
  const nodes = nodesOf(graph)
  const lines = [
    'flowchart LR',
    ...[...nodes].map(([key, { id, node }]) => `  ${id}${node.kind === 'gateway' ? `{{${text(key)}}}` : node.kind === 'mesh' ? `[${text(key)}]` : `(${text(key)})`}`),
    ...graph.edges.map((edge) => `  ${idOf(nodes, edge.from)} -->|${text(labelOf(edge, '<br>'))}| ${idOf(nodes, edge.to)}`),
    ...graph.edges.flatMap(({ errors }, index) => errors > 0 ? [`  linkStyle ${index} stroke:red`] : [])
  ]
  return `${lines.join('\n')}\n`
}

type Nodes = ReadonlyMap<string, { readonly id: string, readonly node: GraphNode }>

function nodesOf ({ edges }: Graph): Nodes {
  const nodes = new Map<string, { id: string, node: GraphNode }>()
  for (const node of edges.flatMap(({ from, to }) => [from, to])) {
    const key = nodeName(node)
    if (!nodes.has(key)) nodes.set(key, { id: `n${nodes.size + 1}`, node })
  }
  return nodes
}

function idOf (nodes: Nodes, node: GraphNode): string {
  return nodes.get(nodeName(node))?.id ?? ''
}

function labelOf (edge: GraphEdge, lineBreak: string): string {
  const errors = edge.errors === 0 ? '' : `, ${shareOf(edge.errors)} errors`
  return `${rateOf(edge)}${errors}${lineBreak}p50 ${durationOf(edge.p50)}, p99 ${durationOf(edge.p99)}`
}

function quoted (value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

/** Mermaid has entities in place of escapes; a line break is the only markup that it is given. */
function text (value: string): string {
  const escaped = value.split('<br>').map((line) => line.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')).join('<br>')
  return `"${escaped}"`
}
