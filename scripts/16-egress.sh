#!/usr/bin/env bash
# Lesson 16: an HTTP service outside the mesh is blocked, and let through by a ServiceEntry.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '第 16 课：出口流量（HTTP）' 'Lesson 16: egress, HTTP'
say "从网格里的 sleep Pod 请求网格之外的 $OUTSIDE：网格不认识它，请求被拒绝。ServiceEntry 让网格认识它之后，
请求经过 sidecar 出去，带着网格加上的请求头。" \
  "The pod sleep, in the mesh, asks $OUTSIDE, outside it: the mesh does not know that host, and refuses. Once a ServiceEntry
has named it, the request goes out, through the sidecar, and carries the headers that the mesh adds."
lesson_needs_base
begin_without serviceentry/httpbin-ext virtualservice/httpbin-ext
sample_outside
sample sleep sleep

URL=http://$OUTSIDE/headers
typed sleep "$URL"
eventually refused sleep "$URL" || die "网格不认识 ${OUTSIDE}，请求应被拒绝；实际为：${SEEN}。有别的规则放行了它吗？（$TYPED get serviceentries,virtualservices,sidecars）" \
  "The mesh does not know $OUTSIDE, so the request should be refused; seen: $SEEN. Does another rule let it out? ($TYPED get serviceentries,virtualservices,sidecars)"
good "之前：被拒绝（$SEEN）" "Before: refused ($SEEN)"

bring_outside istio/serviceentry-httpbin-ext.yaml
show kubectl get serviceentries
typed sleep "$URL"
eventually answers 200 sleep "$URL" || die "$URL 应返回 200；实际为 HTTP ${STATUS}。" "$URL should answer 200; seen: HTTP $STATUS."
cat "$SCRATCH/body"
# httpbin.org does not show X-Request-Id.
grep -qi '"x-envoy-' "$SCRATCH/body" || die '外部服务收到的请求头中应有网格加上的 X-Envoy-...。' 'Among the headers that the service outside received there should be some X-Envoy-..., which the mesh adds.'
good '现在：200，带着网格加上的请求头（X-Envoy-...）' 'Now: 200, with the headers that the mesh adds (X-Envoy-...)'

say '
课程结束，删除它的规则：出口又关闭了。' '
The lesson is over, its rule goes, and the way out is closed again.'
take_away
eventually refused sleep "$URL" || die "规则已删除，请求应被拒绝；实际为：$SEEN" "The rule is gone, so the request should be refused; seen: $SEEN"
echo
good "被拒绝（$SEEN）" "refused ($SEEN)"
