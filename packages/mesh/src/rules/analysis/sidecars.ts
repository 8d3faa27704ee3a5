import { asFields } from '../value.ts'
import type { Finding } from '../problem.ts'
import { findingAt, isSelected, printSelector, type Documents, type Subject } from './documents.ts'

/** IST0111: two Sidecars for all of a namespace; IST0110: two that select the same pods. */
export function findSidecarConflicts (documents: Documents): Finding[] {
  const sidecars = documents.of('Sidecar')
  const forAll = sidecars.filter(sidecar => Object.keys(selectorOf(sidecar)).length === 0)
  const selecting = sidecars.filter(sidecar => !forAll.includes(sidecar))
  return [
    ...forAll.flatMap((sidecar): Finding[] => {
      const same = forAll.filter(({ namespace }) => namespace === sidecar.namespace)
      if (same.length < 2) return []
      return [findingAt(sidecar, undefined, {
        code: 'IST0111',
        level: 'Error',
        message: `The Sidecars [${same.map(({ name }) => name).join(' ')}] in namespace "${sidecar.namespace}" have no workload selector, which can lead to undefined behavior.`,
        hint: 'Keep one Sidecar without workloadSelector in a namespace, and give the others one.'
      })]
    }),
    ...documents.workloads.flatMap(({ subject, labels }) => {
      const same = selecting.filter(sidecar => sidecar.namespace === subject.namespace && isSelected(labels, selectorOf(sidecar)))
      return same.length < 2
        ? []
        : same.map(sidecar => findingAt(sidecar, ['metadata', 'name'], {
          code: 'IST0110',
          level: 'Error',
          message: `The Sidecars [${same.map(({ name }) => name).join(' ')}] in namespace "${subject.namespace}" select the same workload pod "${subject.name}", which can lead to undefined behavior.`,
          hint: 'Make the selectors narrower, so that each pod has one Sidecar.'
        }))
    })
  ]
}

/** IST0101 for a selector that no pod fits. Needs all pods of the namespace. */
export function findUnusedSidecars (documents: Documents): Finding[] {
  return documents.of('Sidecar').flatMap((sidecar): Finding[] => {
    const selector = selectorOf(sidecar)
    const names = Object.keys(selector)
    const used = documents.workloads.some(({ subject, labels }) => subject.namespace === sidecar.namespace && isSelected(labels, selector))
    if (names.length === 0 || used) return []
    return [findingAt(sidecar, ['spec', 'workloadSelector', 'labels', ...names.slice(0, 1)], {
      code: 'IST0101', level: 'Error', message: `Referenced selector not found: "${printSelector(selector)}"`, hint: `No pod of namespace ${sidecar.namespace} has these labels: check them.`
    })]
  })
}

function selectorOf (sidecar: Subject): ReturnType<typeof asFields> {
  return asFields(asFields(sidecar.spec['workloadSelector'])['labels'])
}
