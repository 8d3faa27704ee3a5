#!/usr/bin/env bash
# Lesson 9: the user jason, exactly that name, gets addedvalues v2, all others v1.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 9 课：只为一个用户' 'Lesson 9: one user'
say '测试人员 jason 先看到下一个版本：请求头 end-user 恰好等于 jason 的请求去 v2，其他请求去 v1。' \
  'A tester, jason, sees the next version first: requests whose header end-user is exactly jason go to v2, all others to v1.'
needs 03-destination-rules.sh destinationrule addedvalues

apply -f istio/virtual-service-all-v1.yaml
apply -f istio/virtual-service-addedvalues-test-v2.yaml
show kubectl get virtualservice addedvalues -o yaml

echo
always_as jason v2
for name in '' alice Jason jason2; do always_as "$name" v1; done
say "在浏览器中试一试：$ADDRESS/productpage（以 jason 登录，密码与名字相同或留空）
规则继续生效。要删除：$TYPED delete -f istio/virtual-service-all-v1.yaml" \
  "Try it in a browser: $ADDRESS/productpage (sign in as jason; the password is the name, or nothing)
The rule stays in force. To take it away: $TYPED delete -f istio/virtual-service-all-v1.yaml"
