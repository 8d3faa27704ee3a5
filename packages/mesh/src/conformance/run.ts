/** `pnpm conformance FILE...`: the measured cases against this mesh. */
import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startBase, type Base, type BaseKind } from './base.ts'
import { readCases, type MeasuredCase, type MeasuredStep, type Observed } from './case.ts'
import { differences } from './check.ts'
import { perform } from './client.ts'
import { waitsFor } from './waiting.ts'
import { admit, parseManifests } from '../rules/index.ts'
import type { Resource } from '../model.ts'

export interface Report {
  passed: number
  failed: number
  waiting: number
}

export async function runFile (file: string, print: (line: string) => void): Promise<Report> {
  const report: Report = { passed: 0, failed: 0, waiting: 0 }
  const base = await startBase(baseKind(file), randomUUID())
  try {
    for (const measured of await readCases(file)) await runCase(measured, { base, print, report, name: basename(file, '.json') })
  } finally {
    await base.close()
  }
  return report
}

/** The README of the cases: in egress.json styletransfer is in no registry, the Kubernetes cases have istio-system's Services. */
function baseKind (file: string): BaseKind {
  const name = basename(file)
  return name.includes('kubernetes') ? 'kubernetes' : name.startsWith('egress') ? 'egress' : 'usual'
}

interface RunContext {
  readonly base: Base
  readonly print: (line: string) => void
  readonly report: Report
  readonly name: string
}

async function runCase (measured: MeasuredCase, context: RunContext): Promise<void> {
  const { base, print, report, name } = context
  let text = measured.rules ?? ''
  for (const [index, step] of measured.steps.entries()) {
    text = step.step.rules ?? text
    const label = `${name} ${measured.id} step ${index + 1}`
    const rules = resources(text)
    const missing = waitsFor(rules, step.step, step.observed)
    if (missing !== undefined) {
      report.waiting++
      print(`waiting ${label}: ${missing}`)
      continue
    }
    if (index === 0 || step.step.rules !== undefined) {
      await base.apply(rules, measured.mesh?.outboundTrafficPolicy?.mode === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY')
    }
    const found = await runStep(step, base, text)
    if (found.length === 0) {
      report.passed++
      continue
    }
    report.failed++
    print(`FAILED  ${label} (${step.step.note ?? step.step.to ?? step.step.tcp ?? ''})`)
    for (const line of found) print(`        ${line}`)
  }
}

async function runStep (step: MeasuredStep, base: Base, text: string): Promise<string[]> {
  if (step.step.sleep !== undefined) await pause(step.step.sleep * 1000)
  base.records.length = 0
  const backends = [...base.backends.values()].flat()
  for (const { seen } of backends) seen.length = 0
  const answers = await perform(step.step, base)
  await settled(step, base)
  return differences(step, { answers, records: [...base.records], seen: backends.flatMap(({ seen }) => seen) }, text)
}

/** Log lines and mirrored requests may come after the answer: waits until as many are there as were measured. */
async function settled (step: MeasuredStep, base: Base): Promise<void> {
  const expected = expectedRecords(step.observed)
  const deadline = performance.now() + 1000 * (step.step.settle ?? 1)
  while (performance.now() < deadline && base.records.length < expected) await pause(5)
}

function expectedRecords (observed: Observed): number {
  if (observed.n !== undefined) return observed.n
  return (observed.access?.length ?? 0) + (observed.downstream_access?.length ?? 0)
}

/** Rules get creation times in document order; what the API server or Istio's webhook refuses is not there. */
function resources (text: string): Resource[] {
  const { documents } = parseManifests([{ file: 'rules.yaml', text }])
  return documents.map(({ resource }, index) => ({
    ...resource,
    metadata: { creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(), namespace: 'default', ...resource.metadata }
  })).filter(isStored)
}

function isStored (resource: Resource): boolean {
  const admission = admit(resource)
  return admission.allowed || admission.unsupported.length > 0
}
