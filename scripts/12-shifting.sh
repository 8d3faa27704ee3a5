#!/usr/bin/env bash
# Lesson 12: traffic moves from v1 to v3, half of it first, then all.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 12 课：流量转移' 'Lesson 12: traffic shifting'
say '先让一半的请求去 v3，稳定之后再全部转移。比例由规则决定，与每个版本有几个 Pod 无关。
这里用 kubectl replace：规则必须已经存在，整个换成文件的内容。' \
  'Half of the requests move to v3 first, and when that goes well, all of them. The share is the rule'\''s, however many pods a version has.
The command is kubectl replace: the rule must be there already, and becomes what the file says.'
needs 03-destination-rules.sh destinationrule addedvalues

apply -f istio/virtual-service-all-v1.yaml
echo
always_as '' v1

show kubectl replace -f istio/virtual-service-addedvalues-50-v3.yaml
# On a cluster the rule arrives a moment later; the count is of what comes after that.
both() {
  versions 20
  [ "$SEEN" = 'v1 v3' ]
}
eventually both || die "应由 v1 和 v3 应答，实际为：$COUNTS" "v1 and v3 should answer; seen: $COUNTS"
say '
请求 200 次，数一数哪个版本应答：' '
200 requests, counted by the version that answered:'
eventually about_half || die "200 次请求中应有大约一半（66 到 134 次）来自 v3，其余来自 v1；实际为：$COUNTS" \
  "Of 200 requests about half (66 to 134) should be answered by v3, the others by v1; seen: $COUNTS"
echo "  $COUNTS"
good 'v1 与 v3 大约各占一半' 'v1 and v3 have about half each'

show kubectl replace -f istio/virtual-service-addedvalues-v3.yaml
echo
for name in '' alice; do always_as "$name" v3; done
say "在浏览器中多刷新几次：$ADDRESS/productpage
规则继续生效。要删除：$TYPED delete -f istio/virtual-service-all-v1.yaml" \
  "Refresh a few times in a browser: $ADDRESS/productpage
The rule stays in force. To take it away: $TYPED delete -f istio/virtual-service-all-v1.yaml"
