#!/usr/bin/env bash
# Step 3: destination rules name the versions of each service.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 3 步：目标规则' 'Step 3: destination rules'
say 'DestinationRule 按 Pod 的 version 标签给每个服务的版本（子集）命名，之后的路由规则才能引用它们。
addedvalues 有三个版本，请求轮流发给它们：多刷新几次页面，会看到三种不同的内容。' \
  'A DestinationRule names the versions (subsets) of a service by the label "version" of its pods, so that routing
rules can speak of them. addedvalues has three, and they answer in turn: refresh, and three different pages come.'
needs 02-gateway.sh gateways.networking.istio.io bankinfo-gateway

apply -f istio/destination-rule-all.yaml
show kubectl get destinationrules

if exists virtualservice addedvalues; then
  die "VirtualService addedvalues（第 4 步的路由规则）正在生效，所以不会看到三个版本。先删除它：$TYPED delete -f istio/virtual-service-user-v2-v3.yaml，再运行这一步。" \
    "The VirtualService addedvalues (the routing rule of step 4) is in force, so the three versions cannot come in turn. Delete it ($TYPED delete -f istio/virtual-service-user-v2-v3.yaml) and run this step again."
fi

three_versions() {
  versions 60
  [ "$SEEN" = 'v1 v2 v3' ]
}
say '
请求 60 次，数一数哪个版本应答：' '
60 requests, counted by the version that answered:'
eventually three_versions || die "60 次请求中应出现 v1、v2 和 v3，实际为：${COUNTS}。" "Of 60 requests some should be answered by each of v1, v2 and v3; seen: $COUNTS."
echo "  $COUNTS"
good "三个版本轮流出现。在浏览器中多刷新几次：$ADDRESS/productpage" "All three versions come. Refresh a few times in a browser: $ADDRESS/productpage"
