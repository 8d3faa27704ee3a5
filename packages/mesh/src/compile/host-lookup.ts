/** Finding what answers for a host. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto (VirtualHost.domains) */

/** The exact name, then the longest wildcard, then `*`. */
export function lookup<T> (domains: ReadonlyMap<string, T>, name: string): T | undefined {
  const exact = domains.get(name)
  if (exact !== undefined) return exact
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const wildcard = domains.get(`*${name.slice(dot)}`)
    if (wildcard !== undefined) return wildcard
  }
  return domains.get('*')
}

/** Host headers seen lately are not taken apart again; what hostile clients send must not pile up. */
const maxRemembered = 4096

export function remember<T> (find: (authority: string) => T): (authority: string) => T {
  const known = new Map<string, T>()
  return (authority) => {
    let found = known.get(authority)
    if (found === undefined) {
      found = find(authority)
      if (known.size >= maxRemembered) known.clear()
      known.set(authority, found)
    }
    return found
  }
}
