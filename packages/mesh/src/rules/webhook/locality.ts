import { asFields, asList, asNumber, asText, asTexts, isSet, type Fields } from '../value.ts'
import type { Verdict } from './verdict.ts'

const topologyLabels = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone']

/** `localityLbSetting` of a load balancer: shares by locality, or where to turn when a region fails. */
export function checkLocalitySetting (value: unknown, outlier: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const setting = asFields(value)
  const distribute = asList(setting['distribute']).map(asFields)
  const failover = asList(setting['failover']).map(asFields)
  const priorities = asTexts(setting['failoverPriority'])
  if (distribute.length > 0 && failover.length > 0) {
    verdict.error('can not simultaneously specify \'distribute\' and \'failover\'')
    return
  }
  const topology = failover.length > 0 ? priorities.find(label => topologyLabels.includes(label)) : undefined
  if (topology !== undefined) {
    verdict.error(`can not simultaneously set 'failover' and topology label '${topology}' in 'failover_priority'`)
    return
  }
  for (const { to } of distribute) {
    const shares = Object.entries(asFields(to))
    const total = shares.reduce((sum, [, share]) => sum + asNumber(share), 0)
    const outOfRange = shares.some(([, share]) => asNumber(share) <= 0 || asNumber(share) > 100)
    if (outOfRange || total !== 100) {
      verdict.error(outOfRange ? 'locality weight must be in range [1, 100]' : `total locality weight ${total} != 100`)
      return
    }
    checkLocalities(shares.map(([locality]) => locality), verdict)
  }
  checkLocalities(distribute.map(({ from }) => asText(from)), verdict)
  checkFailover({ failover, priorities, outlier, name: 'locality lb', onlyRegion: 'locality lb failover only specify region' }, verdict)
}

/** `zoneAwareLbSetting` of a load balancer. */
export function checkZoneAwareSetting (value: unknown, outlier: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const setting = asFields(value)
  const priorities = asTexts(setting['failoverPriority'])
  for (const label of priorities.filter(text => topologyLabels.includes(text))) {
    verdict.error(`'failover_priority' for zone aware lb must not use topology label '${label}'; region- and zone-level routing are handled automatically`)
  }
  checkFailover({
    failover: asList(setting['failover']).map(asFields),
    priorities,
    outlier,
    name: 'zone aware lb',
    onlyRegion: 'zone aware lb failover only specifies region; zone and subzone failover are handled automatically'
  }, verdict)
}

interface Failover {
  readonly failover: readonly Fields[]
  readonly priorities: readonly string[]
  readonly outlier: unknown
  readonly name: string
  readonly onlyRegion: string
}

function checkFailover ({ failover, priorities, outlier, name, onlyRegion }: Failover, verdict: Verdict): void {
  if (failover.length + priorities.length > 0 && !isSet(outlier)) verdict.warn('outlier detection policy must be provided for failover')
  for (const entry of failover) {
    const from = asText(entry['from'])
    const to = asText(entry['to'])
    if (from === to) verdict.error(`${name} failover settings must specify different regions`)
    if (from.includes('/') || to.includes('/')) verdict.error(onlyRegion)
    if (from.includes('*') || to.includes('*')) verdict.error(`${name} failover region should not contain '*' wildcard`)
  }
}

/** Localities are `region/zone/subzone`, with `*` for all below; none may hold another. */
function checkLocalities (localities: readonly string[], verdict: Verdict): void {
  const seen: string[][] = []
  for (const locality of localities) {
    const parts = locality.split('/')
    if (parts.some((part, index) => part === '' && index < parts.length)) {
      verdict.error(`locality ${locality} must not contain empty region/zone/subzone info`)
      return
    }
    if (parts.some((part, index) => part === '*' && index < parts.length - 1)) {
      verdict.error(`locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`)
      return
    }
    if (seen.some(other => overlap(other, parts))) {
      verdict.error(`locality ${locality} overlap with previous specified ones`)
      return
    }
    seen.push(parts)
  }
}

function overlap (a: readonly string[], b: readonly string[]): boolean {
  const common = Math.min(a.length, b.length)
  for (let index = 0; index < common; index++) {
    if (a[index] === '*' || b[index] === '*') return true
    if (a[index] !== b[index]) return false
  }
  return true
}
