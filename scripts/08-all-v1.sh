#!/usr/bin/env bash
# Lesson 8: every service at version v1.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 8 课：全部到 v1' 'Lesson 8: everything at v1'
say '没有路由规则时，addedvalues 的三个版本轮流应答。每个服务一个 VirtualService，都指向子集 v1：此后不论刷新多少次，始终是 v1。' \
  'Without a routing rule the three versions of addedvalues answer in turn. One VirtualService for each service, all leading to
the subset v1: from now on v1 answers, however often the page is refreshed.'
needs 03-destination-rules.sh destinationrule addedvalues

apply -f istio/virtual-service-all-v1.yaml
show kubectl get virtualservices

echo
for name in '' jason yunqi2018; do always_as "$name" v1; done
say "在浏览器中多刷新几次：$ADDRESS/productpage
规则继续生效。要删除：$TYPED delete -f istio/virtual-service-all-v1.yaml" \
  "Refresh a few times in a browser: $ADDRESS/productpage
The rule stays in force. To take it away: $TYPED delete -f istio/virtual-service-all-v1.yaml"
