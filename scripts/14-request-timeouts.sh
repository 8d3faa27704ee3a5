#!/usr/bin/env bash
# Lesson 14: a timeout of the mesh gives a slow call up, before the services would.
. "$(dirname "$0")/lib.sh"
. scripts/outside.sh
options "$@"
connect

title '第 14 课：请求超时' 'Lesson 14: request timeouts'
say '所有请求都去 v3，styletransfer 之前延迟 2 秒：页面用时 2 秒。然后给 addedvalues 的路由加上 timeout: 0.5s：
sidecar 半秒之后代替它返回 504，productpage 再问一次，所以页面大约 1 秒后出现，增值服务不可用。' \
  'Every request goes to v3, and 2 s of delay stand before styletransfer: the page takes 2 s. Then the route to addedvalues gets
timeout: 0.5s. After half a second the sidecar answers 504 in its place, productpage asks once more, and so the page comes after
about 1 s, its added values unavailable.'
needs 03-destination-rules.sh destinationrule addedvalues
start_from yunqi2018 istio/virtual-service-addedvalues-v3.yaml

lead_out istio/virtual-service-styletransfer-delay-2s.yaml
printf '\n$ curl %s/productpage\n' "$ADDRESS"
eventually page_shows 'class="card added v3"' 1.95 6 || die "页面应在 2 到 6 秒后由 v3 应答；实际为：$PAGE $(page_says)" \
  "The page should come after 2 to 6 s, with v3; seen: $PAGE $(page_says)"
good "没有超时规则：v3，页面用时 $TOOK 秒" "without a timeout: v3, the page takes $TOOK s"

apply -f istio/virtual-service-addedvalues-v3-timeout.yaml
printf '\n$ curl %s/productpage\n' "$ADDRESS"
eventually page_shows 'class="kind">mesh_timeout<' 0.95 6 || die "页面应在大约 1 秒后出现，增值服务面板的原因为 mesh_timeout；实际为：$PAGE $(page_says)" \
  "The page should come after about 1 s, its added values unavailable with the reason \"mesh_timeout\"; seen: $PAGE $(page_says)"
good "timeout: 0.5s：页面用时 $TOOK 秒，增值服务不可用（504，共请求两次）" "with timeout: 0.5s: the page takes $TOOK s, added values unavailable (504, asked twice)"

say '
去掉超时：半秒对照片的上传和转换来说太短。' '
The timeout goes again: half a second is too short for a photo.'
apply -f istio/virtual-service-addedvalues-v3.yaml
the_way_back yunqi2018
