/** Which HTTP a server is spoken to in. */
import { isHttp2 } from '../../compile/registry.ts'
import type { Cluster } from '../../table.ts'
import type { Peer } from '../../upstream/directory.ts'

/** Its port says what a server's own proxy speaks to it; else the rules for the cluster, and where there are none the client. */
export function speaksHttp2 ({ inbound }: Peer, cluster: Cluster | undefined, byClient: boolean): boolean {
  if (inbound?.http === true) return isHttp2(inbound.protocol)
  const wanted = inbound === undefined && cluster !== undefined ? cluster.http2 : 'as the client'
  return wanted === 'always' || (wanted === 'as the client' && byClient)
}
