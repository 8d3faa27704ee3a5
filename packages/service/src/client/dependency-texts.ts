import type { DependencyError, DependencyErrorKind } from './dependency-error.ts'

/** A text in the two languages of the page. */
export interface Bilingual {
  readonly en: string
  readonly zh: string
}

interface Facts {
  readonly name: string
  readonly seconds: string
  readonly status: string
  readonly tries: number
}

/** A failed call, as far as it is told. */
export interface FailedCall {
  readonly dependency: string
  readonly kind: DependencyErrorKind
  readonly status?: number | undefined
  /** How often it was tried. */
  readonly attempts: number
}

/**
 * What went wrong with a call, for the person in front of the page.
 *
 * @param timeout ms that each attempt was given
 */
export function describeFailure ({ dependency, kind, status, attempts }: FailedCall, timeout: number): Bilingual {
  return texts[kind]({ name: dependency, seconds: String(timeout / 1000), status: String(status ?? ''), tries: attempts })
}

/** What went wrong with a call that failed for good. */
export function describeDependency (error: DependencyError, timeout: number): Bilingual {
  return describeFailure({ dependency: error.dependency, kind: error.kind, status: error.status, attempts: error.attempts.length }, timeout)
}

export const isFailureKind = (text: string): text is DependencyErrorKind => Object.hasOwn(texts, text)

const texts: Readonly<Record<DependencyErrorKind, (facts: Facts) => Bilingual>> = {
  timeout: ({ name, seconds, tries }) => tries > 1
    ? { en: `${name} did not answer within ${seconds} s; it was asked ${tries} times.`, zh: `${name} 在 ${seconds} 秒内没有应答（共请求 ${tries} 次）。` }
    : { en: `${name} did not answer within ${seconds} s.`, zh: `${name} 在 ${seconds} 秒内没有应答。` },
  refused: ({ name }) => ({ en: `Connection refused: nobody listens at ${name}'s address.`, zh: `连接被拒绝：${name} 的地址上没有进程在监听。` }),
  reset: ({ name }) => ({ en: `The connection to ${name} was reset.`, zh: `与 ${name} 的连接被重置。` }),
  unknown_host: ({ name }) => ({ en: `The host name of ${name} does not resolve.`, zh: `无法解析 ${name} 的主机名。` }),
  unreachable: ({ name }) => ({ en: `There is no way to ${name}'s address.`, zh: `${name} 的地址不可达。` }),
  cancelled: ({ name }) => ({ en: `The call to ${name} was given up: who asked is gone.`, zh: `请求方已离开，对 ${name} 的调用已取消。` }),
  bad_answer: ({ name }) => ({ en: `${name} answered something that is not what was agreed.`, zh: `${name} 返回的内容不符合约定。` }),
  server_error: ({ name, status }) => ({ en: `${name} itself failed (HTTP ${status}).`, zh: `${name} 自身出错（HTTP ${status}）。` }),
  rejected: ({ name, status }) => ({ en: `${name} refused the request (HTTP ${status}).`, zh: `${name} 拒绝了该请求（HTTP ${status}）。` }),
  blocked: ({ name }) => ({ en: `Blocked by the mesh (HTTP 502): ${name} is not a destination it knows.`, zh: `被网格拦截（HTTP 502）：${name} 不是网格认识的目标。` }),
  no_healthy_upstream: ({ name }) => ({ en: `${name} has no healthy pod to answer (HTTP 503, no healthy upstream).`, zh: `${name} 没有可用的健康 Pod（HTTP 503，no healthy upstream）。` }),
  no_cluster: ({ name }) => ({ en: `The mesh has no such subset or host of ${name} (HTTP 503): is the destination rule applied?`, zh: `网格中没有 ${name} 的这个子集或主机（HTTP 503）：目标规则应用了吗？` }),
  overloaded: ({ name }) => ({ en: `The circuit breaker in front of ${name} is open (HTTP 503, overflow).`, zh: `${name} 前的熔断器已触发（HTTP 503，overflow）。` }),
  connect_failure: ({ name }) => ({ en: `The mesh could not connect to ${name} (HTTP 503).`, zh: `网格无法连接到 ${name}（HTTP 503）。` }),
  connection_closed: ({ name }) => ({ en: `${name} closed the connection before it answered (HTTP 503).`, zh: `${name} 在应答之前关闭了连接（HTTP 503）。` }),
  mesh_timeout: ({ name, tries }) => tries > 1
    ? { en: `A timeout rule of the mesh ran out before ${name} answered (HTTP 504); it was asked ${tries} times.`, zh: `网格的超时规则在 ${name} 应答前已到时（HTTP 504，共请求 ${tries} 次）。` }
    : { en: `A timeout rule of the mesh ran out before ${name} answered (HTTP 504).`, zh: `网格的超时规则在 ${name} 应答前已到时（HTTP 504）。` },
  fault_injected: ({ name, status }) => ({ en: `A fault rule of the mesh aborted the call to ${name} (HTTP ${status}, fault filter abort).`, zh: `网格的故障注入规则中止了对 ${name} 的调用（HTTP ${status}，fault filter abort）。` }),
  no_route: ({ name }) => ({ en: `No rule of the mesh matches the call to ${name} (HTTP 404).`, zh: `没有网格规则匹配对 ${name} 的调用（HTTP 404）。` }),
  denied: ({ name, status }) => ({ en: `A policy of the mesh denies the call to ${name} (HTTP ${status}).`, zh: `网格的访问策略拒绝了对 ${name} 的调用（HTTP ${status}）。` }),
  mesh_error: ({ name, status }) => ({ en: `The mesh answered HTTP ${status} in ${name}'s place.`, zh: `网格代替 ${name} 返回了 HTTP ${status}。` })
}
