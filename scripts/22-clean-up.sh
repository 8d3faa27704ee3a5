#!/usr/bin/env bash
# Step 22: takes away what the traffic lessons have left: their sample pods, and their rules
# where a lesson was broken off. The page and its rules stay.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '清理流量课程' 'Clean up after the traffic lessons'
say '删除流量课程的规则和示例 Pod。页面和它的规则保持不变。' 'Deletes the rules and sample pods of the traffic lessons. The page and its rules stay.'
delete_lessons

nothing_left() {
  LEFT=$(workloads "$NAMESPACE" deployments,pods,services | grep -E "$SAMPLE_WORKLOADS" | tr '\n' ' ') || true
  [ -z "$LEFT" ]
}
say '
等待 Pod 结束……' '
Waiting until the pods have ended ...'
DEADLINE=${BANKINFO_DEADLINE:-120}
eventually nothing_left || die "过了 $DEADLINE 秒仍有：$LEFT" "After $DEADLINE s there still are: $LEFT"
good '流量课程什么都没有留下。' 'Nothing is left of the traffic lessons.'
