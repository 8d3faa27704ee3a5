#!/usr/bin/env bash
# Step 7: takes away what the workshop and its lessons applied.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '清理' 'Clean up'
say '删除教程和课程中应用的一切：路由规则、网关、工作负载，以及命名空间的标签。' \
  'Deletes all that the workshop and its lessons applied: rules, gateway, workloads, and the label of the namespace.'

# Rules for one host have one name, so one file of each host is enough.
for file in virtual-service-styletransfer-test-delay serviceentry virtual-service-all-v1 destination-rule-all gateway sidecar; do
  show kubectl delete --ignore-not-found -f "istio/$file.yaml"
done
delete_lessons
show kubectl delete --ignore-not-found -k "${BANKINFO_K8S:-k8s}"
if [ -n "$FOREIGN" ]; then
  say "（命名空间里还有别人的工作负载，保留标签 istio-injection。）" '(Workloads of somebody else live here: the label istio-injection stays.)'
else
  show kubectl label namespace "$NAMESPACE" istio-injection-
fi

nothing_left() {
  LEFT=$(
    for kind in deployments pods services; do
      kubectl get "$kind" 2>/dev/null | awk 'NR > 1 { print $1 }' | grep -E '^(productpage|details|addedvalues|httpbin|sleep|fortio)(-|$)' | sed "s|^|$kind/|" || true
    done
    kubectl get namespace external 2>/dev/null | awk 'NR > 1 { print "namespace/" $1 }'
  )
  [ -z "$LEFT" ]
}
say '
等待 Pod 结束……' '
Waiting until the pods have ended ...'
DEADLINE=${BANKINFO_DEADLINE:-120}
eventually nothing_left || die "过了 $DEADLINE 秒仍有：$(printf '%s' "$LEFT" | tr '\n' ' ')" "After $DEADLINE s there still are: $(printf '%s' "$LEFT" | tr '\n' ' ')"
gateway_address
eventually page_is_gone || die "$ADDRESS/productpage 仍有应答（${STATUS}）。" "$ADDRESS/productpage still answers ($STATUS)."
good "什么都没有留下（$ADDRESS/productpage：${HOW}）。" "Nothing is left ($ADDRESS/productpage: $HOW)."
if [ "$WHERE" = laptop ]; then
  say '要恢复 pnpm dev 启动时的状态：pnpm bankinfo reset' 'To bring back what pnpm dev starts with: pnpm bankinfo reset'
fi
