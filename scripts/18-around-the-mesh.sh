#!/usr/bin/env bash
# Lesson 18: a call that goes past the sidecar, and what is lost by it.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '第 18 课：绕过网格' 'Lesson 18: around the mesh'
say "Pod sleep-plain 和 sleep 一样，只是没有 sidecar（标签 sidecar.istio.io/inject: \"false\"），它的请求直接到达 ${OUTSIDE}。
看起来更简单，但网格能做的一切都没有了：出口不受控制，超时规则不起作用，没有网格的请求头，也没有访问日志和指标。" \
  "The pod sleep-plain is like sleep, but without a sidecar (label sidecar.istio.io/inject: \"false\"), and so its calls reach $OUTSIDE
directly. That looks simpler, but nothing of what the mesh does is left: the way out is not guarded, a timeout does not hold, and
there are no headers, no access log and no metrics of the mesh."
lesson_needs_base
begin_without serviceentry/httpbin-ext virtualservice/httpbin-ext
sample_outside
sample sleep sleep
apply_sample sleep-plain
wait_for_pod "$NAMESPACE" sleep-plain 1/1
show kubectl get pods

URL=http://$OUTSIDE
typed sleep "$URL/headers"
eventually refused sleep "$URL/headers" || die "从有 sidecar 的 sleep 发出的请求应被拒绝；实际为：${SEEN}。有别的规则放行了 $OUTSIDE 吗？" \
  "From sleep, with its sidecar, the request should be refused; seen: $SEEN. Does another rule let $OUTSIDE out?"
good "sleep（有 sidecar）：被拒绝（$SEEN）" "sleep, with a sidecar: refused ($SEEN)"
typed sleep-plain "$URL/headers"
eventually answers 200 sleep-plain "$URL/headers" || die "从没有 sidecar 的 sleep-plain 发出的请求应返回 200；实际为 HTTP ${STATUS}。" \
  "From sleep-plain, without a sidecar, the request should be answered 200; seen: HTTP $STATUS."
cat "$SCRATCH/body"
if grep -qiE '"x-(request-id"|envoy-)' "$SCRATCH/body"; then
  die 'sleep-plain 的请求带有网格的请求头，它没有绕过网格。' 'The request of sleep-plain carries headers of the mesh: it did not go around it.'
fi
good 'sleep-plain（没有 sidecar）：200，没有 ServiceEntry 也出去了，而且没有网格的请求头' \
  'sleep-plain, without one: 200. It got out without any ServiceEntry, and without headers of the mesh'

say '
现在网格认识这个主机，并且有 3 秒的超时：' '
Now the mesh knows the host, and there is a timeout of 3 s:'
bring_outside istio/serviceentry-httpbin-ext.yaml
bring_outside istio/virtual-service-httpbin-ext-timeout.yaml
typed sleep "$URL/delay/4"
eventually within 504 2.95 4 sleep "$URL/delay/4" || die "从 sleep 请求 /delay/4 应在 3 秒后得到 504；实际为 HTTP ${STATUS}，$TOOK 秒。" \
  "From sleep /delay/4 should be answered 504 after 3 s; seen: HTTP $STATUS after $TOOK s."
good "sleep：504，用时 $TOOK 秒" "sleep: 504 after $TOOK s"
typed sleep-plain "$URL/delay/4"
within 200 3.95 30 sleep-plain "$URL/delay/4" || die "从 sleep-plain 请求 /delay/4 应在 4 秒后得到 200；实际为 HTTP ${STATUS}，$TOOK 秒。" \
  "From sleep-plain /delay/4 should be answered 200 after 4 s; seen: HTTP $STATUS after $TOOK s."
good "sleep-plain：200，用时 $TOOK 秒，超时规则对它不起作用" "sleep-plain: 200 after $TOOK s, the timeout does not hold for it"

say '
课程结束，删除它的规则和 sleep-plain。' '
The lesson is over; its rules go, and sleep-plain.'
take_away
show kubectl delete --ignore-not-found -f samples/sleep-plain.yaml
