/**
 * Host names as Istio and Kubernetes read them.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-hosts
 */

/** A name without a dot is a Service of the rule's namespace; any other name, `*` too, is taken as it stands. */
export function fullName (host: string, namespace: string, domain: string): string {
  const name = host.toLowerCase()
  return name.includes('.') || name.includes('*') ? name : `${name}.${namespace}.svc.${domain}`
}

/** Whether a host pattern (`*`, `*.example.com`, a name) covers a name or a narrower pattern. `*.a.com` does not cover `a.com`. */
export function covers (pattern: string, host: string): boolean {
  if (pattern === '*') return true
  if (!pattern.startsWith('*')) return pattern === host
  const suffix = pattern.slice(1)
  const name = host.startsWith('*') ? host.slice(1) : host
  return name.endsWith(suffix) && (host.startsWith('*') || name.length > suffix.length)
}

/** Both cover some common name: the narrower of them, or undefined. */
export function intersection (a: string, b: string): string | undefined {
  if (covers(a, b)) return b
  if (covers(b, a)) return a
  return undefined
}

/**
 * Names under which a proxy of `namespace` knows a host: the whole name, and for names of the cluster the short forms that a
 * pod's DNS search list completes.
 */
export function domainsOf (host: string, namespace: string, domain: string): string[] {
  const suffix = `.svc.${domain}`
  if (!host.endsWith(suffix)) return [host]
  const short = host.slice(0, -suffix.length)
  const dot = short.lastIndexOf('.')
  if (dot <= 0) return [host]
  const names = [host, `${short}.svc`, short]
  if (short.slice(dot + 1) === namespace) names.push(short.slice(0, dot))
  return names
}

/** What a pod's DNS search list makes of a short form of a host of the cluster. */
export function wholeNames (name: string, namespace: string, domain: string): string[] {
  return name.endsWith('.svc') ? [`${name}.${domain}`] : [`${name}.svc.${domain}`, `${name}.${namespace}.svc.${domain}`]
}

/** The host part of a Host header or authority, lower case, without port and without the dot of a fully qualified name. */
export function hostOf (authority: string): string {
  let end = authority.length
  if (authority.charCodeAt(0) === 0x5b) {
    end = authority.indexOf(']') + 1 || end
  } else {
    const colon = authority.lastIndexOf(':')
    if (colon !== -1) end = colon
  }
  if (end > 1 && authority.charCodeAt(end - 1) === 0x2e) end--
  return (end === authority.length ? authority : authority.slice(0, end)).toLowerCase()
}

/** Whether labels hold all of a selector. */
export function selects (selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined) return true
  for (const key in selector) if (labels[key] !== selector[key]) return false
  return true
}

/**
 * How a rule of namespace `from` is shown to `to`: `private` to its own namespace, `named` to one that it names, `public` to all;
 * undefined: not at all. `.` is the own namespace, `*` every one, `~` none; nothing given means every one.
 */
export function visibility (exportTo: readonly string[] | undefined, from: string, to: string): 'private' | 'named' | 'public' | undefined {
  if (exportTo === undefined || exportTo.length === 0 || exportTo.includes('*')) return 'public'
  if (exportTo.includes('~')) return undefined
  if (from === to && (exportTo.includes('.') || exportTo.includes(to))) return 'private'
  return exportTo.includes(to) ? 'named' : undefined
}

export function isExported (exportTo: readonly string[] | undefined, from: string, to: string): boolean {
  return visibility(exportTo, from, to) !== undefined
}
