#!/usr/bin/env bash
# Lesson 19: a circuit breaker stops what is too much, and two traps that come with it.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '第 19 课：熔断' 'Lesson 19: circuit breaking'
say '规则允许每个 sidecar 与 httpbin 之间有一条连接、一个等待的请求，多出来的请求立即得到 503。fortio 用两条连接、再用三条连接施加负载。
然后是两个陷阱：唯一的 Pod 被逐出，以及 Pod 太少时谁也不会被逐出。' \
  'The rule allows each sidecar one connection to httpbin and one request waiting; what is more is answered 503 at once. fortio makes the
load, with two connections and then with three. After that come two traps: the only pod is ejected; and in a small pool nobody is.'
lesson_needs_base
begin_without deployment/httpbin-v1 deployment/httpbin-v2 virtualservice/httpbin destinationrule/httpbin
sample httpbin httpbin
sample fortio fortio-deploy

URL=http://httpbin:8000
BREAKER=istio/destination-rule-httpbin-circuit-breaker.yaml

# load CONNECTIONS REQUESTS: STOPPED is how many were answered 503.
load() {
  printf '\n$ %s exec deploy/fortio-deploy -c fortio -- fortio load -c %s -qps 0 -n %s -loglevel Warning %s/get\n' "$TYPED" "$1" "$2" "$URL"
  kubectl exec deploy/fortio-deploy -c fortio -- fortio load -c "$1" -qps 0 -n "$2" -loglevel Warning "$URL/get" >"$SCRATCH/load" 2>&1 ||
    die "fortio 失败：$(tail -n 1 "$SCRATCH/load")" "fortio failed: $(tail -n 1 "$SCRATCH/load")"
  grep '^Code ' "$SCRATCH/load" || die "fortio 没有打印各状态码的次数：$(tail -n 1 "$SCRATCH/load")" "fortio printed no counts of codes: $(tail -n 1 "$SCRATCH/load")"
  STOPPED=$(sed -n 's/^Code 503 : \([0-9]*\).*/\1/p' "$SCRATCH/load")
  STOPPED=${STOPPED:-0}
}

# stats: what fortio's own sidecar has counted since it started.
STATS="exec deploy/fortio-deploy -c istio-proxy -- curl -s localhost:15000/stats"
stats() {
  # shellcheck disable=SC2086 # Words of a command.
  kubectl $STATS >"$SCRATCH/stats" 2>"$SCRATCH/exec" ||
    die "无法读取 sidecar 的统计：$(tail -n 1 "$SCRATCH/exec")" "The statistics of the sidecar cannot be read: $(tail -n 1 "$SCRATCH/exec")"
}
# overflow: OVERFLOW is how many requests it has stopped.
overflow() {
  stats
  grep httpbin "$SCRATCH/stats" | grep pending >"$SCRATCH/pending" || true
  OVERFLOW=$(sed -n 's/^cluster\.outbound|8000||httpbin\..*\.upstream_rq_pending_overflow: //p' "$SCRATCH/pending")
}

# ejected: httpbin has one pod, and the sidecar gives it no requests any more.
ejected() {
  call fortio-deploy "$URL/get"
  [ "$STATUS" = 503 ] && grep -q 'no healthy upstream' "$SCRATCH/body"
}

# one_round: load with two connections, then with three, which must be stopped more often.
one_round() {
  local two before
  if ejected; then
    say '
唯一的 Pod 在负载中被逐出了（见下面的陷阱）。重新开始：' '
The only pod was ejected under the load (the trap is told below). Once more from the start:'
    show kubectl delete -f "$BREAKER"
    eventually answers 200 fortio-deploy "$URL/get" || return 1
    apply -f "$BREAKER"
  fi
  overflow
  before=${OVERFLOW:-0}
  load 2 20
  two=$STOPPED
  load 3 30
  overflow
  COUNTED=$((${OVERFLOW:-0} - before))
  WANT="2 × 20: $two × 503; 3 × 30: $STOPPED × 503; upstream_rq_pending_overflow: +$COUNTED"
  [ "$STOPPED" -gt 0 ] && [ $((STOPPED * 2)) -gt $((two * 3)) ] && [ "$COUNTED" -gt 0 ]
}

typed fortio-deploy "$URL/get"
eventually answers 200 fortio-deploy "$URL/get" || die "$URL/get 应返回 200；实际为 HTTP ${STATUS}。" "$URL/get should answer 200; seen: HTTP $STATUS."
all_served() {
  load 3 30
  [ "$STOPPED" = 0 ]
}
eventually all_served || die "还没有规则，30 次请求中却有 $STOPPED 次得到 503。" "There is no rule yet, but $STOPPED of 30 requests were answered 503."
good '没有规则：每个请求都得到应答' 'Without a rule every request is served'

bring "$BREAKER"
show kubectl get destinationrule httpbin -o yaml
WANT=
eventually one_round || die "三条连接时应有请求被熔断，而且比两条连接时多；实际为：$WANT" \
  "With three connections some requests should be stopped, and more than with two; seen: $WANT"
printf '\n$ %s %s | grep httpbin | grep pending\n' "$TYPED" "$STATS"
cat "$SCRATCH/pending"
good "熔断器起作用：$WANT" "The breaker works: $WANT"

say '
陷阱一：httpbin 只有一个 Pod，规则又说一次 5xx 就逐出 3 分钟，而且可以逐出全部（maxEjectionPercent: 100）。一个 500 就够了：' '
Trap one: httpbin has one pod, and the rule says that a single 5xx ejects it for 3 minutes, and that all may be ejected
(maxEjectionPercent: 100). One 500 is enough:'
typed fortio-deploy "$URL/status/500"
provoke() {
  call fortio-deploy -o /dev/null "$URL/status/500"
  ejected
}
eventually provoke || die "一个 500 之后，httpbin 的唯一 Pod 应被逐出（503 no healthy upstream）；实际为 HTTP ${STATUS}。" \
  "After a 500 the only pod of httpbin should be ejected (503 no healthy upstream); seen: HTTP $STATUS."
typed fortio-deploy "$URL/get"
cat "$SCRATCH/body"
good '之后 3 分钟内，每个请求都是 503 no healthy upstream，虽然 httpbin 本身没有问题' \
  'From now on, for 3 minutes, every request is answered 503 no healthy upstream, though nothing is wrong with httpbin'
say '回来的办法：等 3 分钟，或者删除规则。' 'The way back: wait 3 minutes, or delete the rule.'
show kubectl delete -f "$BREAKER"
UNDO=
eventually answers 200 fortio-deploy "$URL/get" || die "删除规则之后 $URL/get 应返回 200；实际为 HTTP ${STATUS}。" "With the rule gone $URL/get should answer 200; seen: HTTP $STATUS."
good '规则删除之后：200' 'With the rule gone: 200'

say '
陷阱二：不写 maxEjectionPercent 时，最多只能逐出 10% 的 Pod。一个 Pod 的 10%（三个也一样）就是零：' '
Trap two: without maxEjectionPercent at most 10 % of the pods may be ejected. A tenth of one pod, or of three, is none:'
bring istio/destination-rule-httpbin-outlier.yaml
typed fortio-deploy "'$URL/status/500?n=[1-10]'"
# spared: how often the sidecar would have ejected the pod, had it been allowed to.
spared() {
  stats
  SPARED=$(sed -n 's/^cluster\.outbound|8000||httpbin\..*outlier_detection\.ejections_overflow: //p' "$SCRATCH/stats")
}
spared
BEFORE=${SPARED:-0}
fail_often() {
  call fortio-deploy -o /dev/null "$URL/status/500?n=[1-10]"
  spared
  [ "${SPARED:-0}" -gt "$BEFORE" ]
}
eventually fail_often || die "十个 500 之后，ejections_overflow 应当增加；实际仍为 ${SPARED:-0}。" "After ten times 500 ejections_overflow should have grown; it still is ${SPARED:-0}."
call fortio-deploy "$URL/get"
[ "$STATUS" = 200 ] || die "十个 500 之后 httpbin 应照常应答（没有 Pod 可以逐出）；实际为 HTTP ${STATUS}。" \
  "After ten times 500 httpbin should answer as before (nobody can be ejected); seen: HTTP $STATUS."
good "十个 500 之后仍然是 200：没有任何 Pod 被逐出（ejections_overflow: $BEFORE -> $SPARED）" \
  "After ten times 500 still 200: nobody was ejected (ejections_overflow: $BEFORE -> $SPARED)"

say '
课程结束，删除它的规则。' '
The lesson is over, and its rules go.'
take_away
