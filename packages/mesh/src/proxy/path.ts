/**
 * Paths as Istio's default pathNormalization (BASE) leaves them: percent-encoded unreserved characters are decoded, backslashes
 * become slashes, dot segments are resolved. Double slashes and %2F stay. RFC 3986, 6.2.2.
 */
export function normalizePath (target: string): string {
  if (!needsWork(target)) return target
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const query = whole.indexOf('?')
  const path = query === -1 ? whole : whole.slice(0, query)
  if (!path.startsWith('/')) return whole
  const decoded = path
    .replace(/%([0-9a-fA-F]{2})/g, (escape, hex: string) => {
      const character = String.fromCharCode(parseInt(hex, 16))
      return /[\w.~-]/.test(character) ? character : escape
    })
    .replaceAll('\\', '/')
  return `${withoutDotSegments(decoded)}${query === -1 ? '' : whole.slice(query)}`
}

function needsWork (target: string): boolean {
  for (let index = 0; index < target.length; index++) {
    switch (target.charCodeAt(index)) {
      case 0x3f: return target.includes('#', index)
      case 0x23:
      case 0x25:
      case 0x5c: return true
      case 0x2e: if (target.charCodeAt(index - 1) === 0x2f) return true
    }
  }
  return false
}

function withoutDotSegments (path: string): string {
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '..') kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (last) kept.push('')
  }
  return `/${kept.join('/')}`
}
