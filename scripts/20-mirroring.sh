#!/usr/bin/env bash
# Lesson 20: v1 answers every request, and v2 gets a copy of each.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
. scripts/rounds.sh
options "$@"
connect

title '第 20 课：流量镜像' 'Lesson 20: mirroring'
say 'httpbin 的 v1 应答所有请求。加上 mirror 之后，v2 会收到每个请求的一份副本，它的应答被丢弃：新版本可以用真实的流量试运行，而用户不会察觉。' \
  'v1 of httpbin answers every request. With a mirror v2 gets a copy of each, and what it answers is thrown away: a new version can be tried on
real traffic, and no user will notice.'
lesson_needs_base
begin_without deployment/httpbin virtualservice/httpbin destinationrule/httpbin
sample httpbin-v1-v2 httpbin-v1 httpbin-v2
sample sleep sleep

show_logs() {
  local version
  for version in v1 v2; do
    printf '\n$ %s logs deploy/httpbin-%s -c httpbin | grep %s | tail -n 3\n' "$TYPED" "$version" "$ROUND"
    grep -- "$ROUND" "$SCRATCH/log-$version" | tail -n 3 || true
  done
}

bring istio/virtual-service-httpbin-v1.yaml
rounds "$REQUESTS" 0 || die "$REQUESTS 次请求应全部由 v1 应答，v2 一次也收不到；实际为：$ANSWERED 次 200，v1 日志 ${V1:-0} 次，v2 日志 ${V2:-0} 次。" \
  "$REQUESTS requests should all go to v1, none to v2; seen: $ANSWERED answered 200, ${V1:-0} in the log of v1, ${V2:-0} in that of v2."
show_logs
good "没有镜像：v1 收到 $V1 次，v2 收到 $V2 次" "without a mirror: v1 got $V1, v2 got $V2"

apply -f istio/virtual-service-httpbin-mirror.yaml
rounds "$REQUESTS" "$REQUESTS" || die "$REQUESTS 次请求应由 v1 应答，v2 收到同样多的副本；实际为：$ANSWERED 次 200，v1 日志 ${V1:-0} 次，v2 日志 ${V2:-0} 次。" \
  "$REQUESTS requests should be answered by v1, and v2 should get as many copies; seen: $ANSWERED answered 200, ${V1:-0} in the log of v1, ${V2:-0} in that of v2."
show_logs
good "镜像 100%：v1 应答了 $V1 次，v2 收到 $V2 份副本" "mirrored, 100 %: v1 answered $V1, v2 got $V2 copies"

say '
课程结束，删除它的规则，以及 httpbin 的两个版本。' '
The lesson is over; its rules go, and the two versions of httpbin.'
take_away
show kubectl delete --ignore-not-found -f samples/httpbin-v1-v2.yaml
