import { asFields } from '../../value.ts'
import type { Finding } from '../../problem.ts'
import { findingAt, type Documents } from '../documents.ts'

const label = 'sidecar.istio.io/inject'

/** BI0013: injection looks at pods, and a Deployment's own labels are not those of its pods. */
export function findMisplacedInjection (documents: Documents): Finding[] {
  return documents.of('Deployment').flatMap((deployment): Finding[] => {
    const pod = asFields(asFields(deployment.spec['template'])['metadata'])
    if (deployment.labels[label] === undefined || asFields(pod['labels'])[label] !== undefined) return []
    return [findingAt(deployment, ['metadata', 'labels', label], {
      code: 'BI0013', level: 'Warning', message: `The label ${label} stands on the Deployment, and its pods do not have it.`, hint: 'Move it to spec.template.metadata.labels.'
    })]
  })
}
