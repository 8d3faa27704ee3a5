import type { CliCommand } from './command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Commands of one group stand together in the help. */
  readonly group: 'Cluster' | 'Objects' | 'Pods' | 'Traffic' | 'Rules'
  readonly load: () => Promise<{ readonly command: CliCommand }>
}

/** All commands. Only the one that is called is loaded. */
export const commands: readonly CommandEntry[] = [
  { name: 'up', group: 'Cluster', summary: 'start the laptop cluster and keep it running', load: () => import('./commands/up.ts') },
  { name: 'down', group: 'Cluster', summary: 'stop the laptop cluster', load: () => import('./commands/down.ts') },
  { name: 'reset', group: 'Cluster', summary: 'bring the base back: delete what was applied since', load: () => import('./commands/reset.ts') },
  { name: 'doctor', group: 'Cluster', summary: 'examine ports, proxies, Node, curl and leftovers', load: () => import('./commands/doctor.ts') },
  { name: 'use', group: 'Cluster', summary: 'put the laptop cluster into your own kubeconfig, or take it out again', load: () => import('./commands/use.ts') },
  { name: 'config', group: 'Cluster', summary: 'print the path of the laptop cluster\'s kubeconfig', load: () => import('./commands/config.ts') },
  { name: 'get', group: 'Objects', summary: 'show objects in tables, YAML or JSON', load: () => import('./objects/get.ts') },
  { name: 'describe', group: 'Objects', summary: 'tell all about objects', load: () => import('./objects/describe.ts') },
  { name: 'apply', group: 'Objects', summary: 'create or change objects from files or a kustomization', load: () => import('./objects/apply.ts') },
  { name: 'create', group: 'Objects', summary: 'create objects from files, or a namespace, secret or configmap', load: () => import('./objects/create.ts') },
  { name: 'replace', group: 'Objects', summary: 'put the objects of files in the place of what is there', load: () => import('./objects/replace.ts') },
  { name: 'delete', group: 'Objects', summary: 'delete objects by file, name or label', load: () => import('./objects/delete.ts') },
  { name: 'label', group: 'Objects', summary: 'set or remove labels', load: () => import('./objects/label.ts') },
  { name: 'annotate', group: 'Objects', summary: 'set or remove annotations', load: () => import('./objects/annotate.ts') },
  { name: 'logs', group: 'Pods', summary: 'print what a pod wrote', load: () => import('./pods/logs.ts') },
  { name: 'exec', group: 'Pods', summary: 'run a command in a pod', load: () => import('./pods/exec.ts') },
  { name: 'port-forward', group: 'Pods', summary: 'forward ports of this machine to a pod', load: () => import('./pods/port-forward.ts') },
  { name: 'rollout', group: 'Pods', summary: 'restart a deployment, or wait for it', load: () => import('./pods/rollout.ts') },
  { name: 'scale', group: 'Pods', summary: 'set the number of pods of a deployment', load: () => import('./pods/scale.ts') },
  { name: 'wait', group: 'Pods', summary: 'wait until objects are ready, or gone', load: () => import('./pods/wait.ts') },
  { name: 'analyze', group: 'Rules', summary: 'find mistakes in manifests and rules, without a cluster', load: () => import('./commands/analyze.ts') },
  { name: 'test', group: 'Rules', summary: 'run tests of rules, without a cluster', load: () => import('./commands/test.ts') },
  { name: 'graph', group: 'Traffic', summary: 'show who calls whom, how often, with how many errors and how fast', load: () => import('./commands/graph.ts') },
  { name: 'trace', group: 'Traffic', summary: 'show the way of a request through the mesh, hop by hop', load: () => import('./commands/trace.ts') },
  { name: 'load', group: 'Traffic', summary: 'call an address many times, from outside or from a pod, and tell what became of the calls', load: () => import('./load/load.ts') },
  { name: 'explain', group: 'Rules', summary: 'tell where a request goes, and which rule sends it there', load: () => import('./commands/explain.ts') }
]
