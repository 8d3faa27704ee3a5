#!/usr/bin/env bash
# All lessons of intelligent routing, in order, from the base; their rules go at the end.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

for step in 08-all-v1.sh 09-one-user.sh 10-delay.sh 11-abort.sh 12-shifting.sh 13-looking.sh 14-request-timeouts.sh; do
  printf '\n######## scripts/%s\n' "$step"
  "scripts/$step" || die "scripts/$step 失败，原因见上。" "scripts/$step failed; the reason stands above."
done

say '
删除这些课程的规则；gateway.yaml、destination-rule-all.yaml 和 serviceentry.yaml 保持不变。' '
The rules of these lessons go; gateway.yaml, destination-rule-all.yaml and serviceentry.yaml stay as they are.'
show kubectl delete -f istio/virtual-service-all-v1.yaml
echo
good '智能路由的每一课都有预期的效果。' 'Every lesson of intelligent routing had its effect.'
