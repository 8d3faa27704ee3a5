#!/usr/bin/env bash
# Lesson 17: a rule of the mesh, a timeout of 3 s, for a service outside it.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '第 17 课：出口流量的规则' 'Lesson 17: rules for egress'
say "网格认识了 $OUTSIDE 之后，就可以像对待网格里的服务一样为它设置规则。/delay/5 要 5 秒才应答；
加上 timeout: 3s 之后，sidecar 在 3 秒时返回 504，不管外面的服务还要多久。" \
  "Once the mesh knows $OUTSIDE, rules hold for it as for a service of its own. /delay/5 takes 5 s to answer; with timeout: 3s the
sidecar answers 504 after 3 s, however long the service outside goes on."
lesson_needs_base
begin_without virtualservice/httpbin-ext
sample_outside
sample sleep sleep
bring_outside istio/serviceentry-httpbin-ext.yaml

URL=http://$OUTSIDE/delay/5
LOOK="-o /dev/null -w '%{http_code} %{time_total}\n'"
typed sleep "$LOOK" "$URL"
eventually within 200 4.95 30 sleep "$URL" || die "/delay/5 应在 5 秒后返回 200；实际为 HTTP ${STATUS}，$TOOK 秒。" "/delay/5 should answer 200 after 5 s; seen: HTTP $STATUS after $TOOK s."
good "没有规则：200，用时 $TOOK 秒" "without a rule: 200 after $TOOK s"

bring_outside istio/virtual-service-httpbin-ext-timeout.yaml
typed sleep "$LOOK" "$URL"
eventually within 504 2.95 5 sleep "$URL" || die "/delay/5 应在 3 秒后返回 504；实际为 HTTP ${STATUS}，$TOOK 秒。" "/delay/5 should be answered 504 after 3 s; seen: HTTP $STATUS after $TOOK s."
good "timeout: 3s：504，用时 $TOOK 秒（$(head -c 60 "$SCRATCH/body")）" "with timeout: 3s: 504 after $TOOK s ($(head -c 60 "$SCRATCH/body"))"

say '
课程结束，删除它的规则。' '
The lesson is over, and its rules go.'
take_away
