#!/usr/bin/env bash
# Proves on a real cluster that the Gateway API twins in gateway-api/ do what the rules in istio/ do: each is applied and asked. Needs the
# workshop's base (scripts/cluster-up.sh) and the Gateway API's kinds (gateway-api/README.md). usage: BANKINFO_CONTEXT=NAME scripts/cluster/gateway-api.sh
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/pods.sh
. scripts/outside.sh
. scripts/rounds.sh
options "$@"
connect
exists crd httproutes.gateway.networking.k8s.io || die '集群里没有 Gateway API 的类型，安装方法见 gateway-api/README.zh.md。' \
  'The cluster has no kinds of the Gateway API; gateway-api/README.md says how to install them.'
lesson_needs_base
needs 03-destination-rules.sh destinationrule addedvalues
begin_without virtualservice/addedvalues virtualservice/httpbin destinationrule/httpbin virtualservice/httpbin-ext deployment/httpbin

title '网关' 'The gateway'
bring gateway-api/gateway.yaml
PATIENCE=$DEADLINE DEADLINE=120
eventually exists service bankinfo-gateway-istio || die 'Istio 没有为 Gateway 建立 Service bankinfo-gateway-istio。' 'Istio has made no Service bankinfo-gateway-istio for the Gateway.'
kubectl rollout status deployment bankinfo-gateway-istio --timeout=120s >/dev/null || die 'bankinfo-gateway-istio 没有就绪。' 'bankinfo-gateway-istio is not ready.'
forward bankinfo-gateway-istio "$NAMESPACE"
DEADLINE=$PATIENCE
eventually page_answers || die "$ADDRESS/productpage 应返回 200；实际为 ${STATUS}。" "$ADDRESS/productpage should be answered 200; it was answered $STATUS."
request /metrics
[ "$STATUS" = 404 ] || die "/metrics 应返回 404；实际为 ${STATUS}。" "/metrics should be answered 404; it was answered $STATUS."
good '页面由 Gateway API 的网关应答，没有列出的路径返回 404' 'The page comes by way of the Gateway API'\''s gateway, and a path that no route lists is answered 404'

title 'addedvalues 的版本' 'The versions of addedvalues'
bring gateway-api/versions.yaml
twin() { bring "gateway-api/httproute-$1.yaml"; }
twin addedvalues-v1
for name in '' yunqi2018; do always_as "$name" v1; done
twin addedvalues-user-v2-v3
for name in '' alice Yunqi; do always_as "$name" v2; done
always_as yunqi2018 v3
twin addedvalues-test-v2
always_as jason v2
for name in '' Jason jason2; do always_as "$name" v1; done
twin addedvalues-50-v3
eventually about_half || die "200 次请求中应有大约一半来自 v3，其余来自 v1；实际为：$COUNTS" "Of 200 requests about half should be answered by v3, the others by v1; seen: $COUNTS"
good "v1 与 v3 大约各占一半：$COUNTS" "v1 and v3 have about half each: $COUNTS"
twin addedvalues-v3
for name in '' alice; do always_as "$name" v3; done

title '超时' 'The timeout'
# v3 asks styletransfer, before which the rule in istio/ puts 2 s: the Gateway API has no word for a delay.
bring istio/serviceentry.yaml
bring istio/virtual-service-styletransfer-delay-2s.yaml
eventually page_shows 'class="card added v3"' 1.95 6 || die "页面应在 2 秒后由 v3 应答；实际为：$PAGE" "The page should come after 2 s, with v3; seen: $PAGE"
twin addedvalues-v3-timeout
eventually page_shows 'class="kind">mesh_timeout<' 0.95 6 || die "页面应在大约 1 秒后出现，原因为 mesh_timeout；实际为：$PAGE $(page_says)" \
  "The page should come after about 1 s, with the reason \"mesh_timeout\"; seen: $PAGE $(page_says)"
good "500ms：页面用时 $TOOK 秒，mesh_timeout（共请求两次）" "500ms: the page takes $TOOK s, mesh_timeout (asked twice)"

title 'httpbin 的入口' 'The way in to httpbin'
sample httpbin httpbin
expect() { # expect STATUS PATH [HOST]
  local host=${3:-$ADDRESS}
  eventually ask "$1" "$2" ${3:+--header "Host: $3"} || die "$host 的 $2 应返回 $1；实际为 ${STATUS}。" "$2 of $host should be answered $1; it was answered $STATUS."
  good "$host 的 $2：$1" "$2 of $host: $1"
}
twin httpbin-ingress
expect 200 /status/200 httpbin.example.com
expect 200 /delay/2 httpbin.example.com
expect 404 /headers httpbin.example.com
expect 404 /status/200 other.example.com
twin httpbin-any-host
expect 200 /headers
expect 200 /productpage
kubectl delete deployment httpbin >/dev/null

title '镜像' 'The mirror'
sample httpbin-v1-v2 httpbin-v1 httpbin-v2
sample sleep sleep
bring gateway-api/httpbin-versions.yaml
twin httpbin-v1
rounds "$REQUESTS" 0 || die "20 次请求应全部到 v1；实际为：v1 $V1 次，v2 $V2 次。" "20 requests should all go to v1; seen: $V1 at v1, $V2 at v2."
good "没有镜像：v1 收到 $V1 次，v2 收到 $V2 次" "without a mirror: v1 got $V1, v2 got $V2"
twin httpbin-mirror
rounds "$REQUESTS" "$REQUESTS" || die "20 次请求应由 v1 应答，v2 收到同样多的副本；实际为：v1 $V1 次，v2 $V2 次。" "20 requests should go to v1, and as many copies to v2; seen: $V1 at v1, $V2 at v2."
good "镜像：v1 应答了 $V1 次，v2 收到 $V2 份副本" "mirrored: v1 answered $V1, v2 got $V2 copies"

title '外部主机的超时' 'The timeout for the host outside'
sample_outside
bring istio/serviceentry-httpbin-ext.yaml
eventually within 200 4.95 30 sleep "http://$STAND_IN/delay/5" || die "应在 5 秒后返回 200；实际为：HTTP $STATUS，$TOOK 秒。" "It should be answered 200 after 5 s; seen: HTTP $STATUS after $TOOK s."
twin httpbin-ext-timeout
eventually within 504 2.9 4.9 sleep "http://$STAND_IN/delay/5" || die "应在 3 秒后返回 504；实际为：HTTP $STATUS，$TOOK 秒。" "It should be answered 504 after 3 s; seen: HTTP $STATUS after $TOOK s."
good "timeouts.request: 3s：$TOOK 秒后返回 $STATUS" "timeouts.request: 3s: $STATUS after $TOOK s"

title '删除' 'Taken away'
take_away
kubectl delete --ignore-not-found -f samples/httpbin-v1-v2.yaml -f samples/sleep.yaml -f samples/external.yaml >/dev/null
good '没有留下任何规则' 'No rule is left'
