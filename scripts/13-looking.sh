#!/usr/bin/env bash
# Lesson 13: what is in force, as kubectl shows it.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 13 课：查看规则' 'Lesson 13: looking'
say '规则和其他 Kubernetes 资源一样，可以列出、以 YAML 显示、用 describe 查看。' \
  'Rules are objects like any other of Kubernetes: list them, print them as YAML, describe them.'
needs 03-destination-rules.sh destinationrule addedvalues
apply -f istio/virtual-service-addedvalues-test-v2.yaml

# look TEXT KUBECTL-ARGUMENTS: shows what kubectl prints, which must hold the text.
look() {
  local text=$1
  shift
  printf '\n$ %s %s\n' "$TYPED" "$*"
  kubectl "$@" >"$SCRATCH/look" || die "$TYPED $* 失败，原因见上。" "$TYPED $* failed; the reason stands above."
  cat "$SCRATCH/look"
  grep -qE -- "$text" "$SCRATCH/look" || die "$TYPED $* 的输出中应有 $text" "The output of $TYPED $* should have \"$text\"."
}

look '^pod/addedvalues-v3-.* 2/2 ' get svc,pods
look '^ +subset: v2$' get virtualservice addedvalues -o yaml
look '^kind: List$' get virtualservices -o yaml
look '^ +host: addedvalues$' get destinationrules -o yaml
look '^Name: +addedvalues$' describe virtualservice addedvalues
echo
good '每条命令都显示了正在生效的规则' 'Every command showed what is in force'
say "问一个请求为什么会去那里（只在笔记本集群上）：
  npx -y pnpm@12 bankinfo explain http://addedvalues:9080/api/v1/addedvalues/wealth-90 --from productpage -H 'end-user: jason'" \
  "Ask why a request goes where it goes (on the laptop cluster only):
  npx -y pnpm@12 bankinfo explain http://addedvalues:9080/api/v1/addedvalues/wealth-90 --from productpage -H 'end-user: jason'"
