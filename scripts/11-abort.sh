#!/usr/bin/env bash
# Lesson 11: calls to styletransfer are answered 500; the page stands.
. "$(dirname "$0")/lib.sh"
. scripts/outside.sh
options "$@"
connect

title '第 11 课：故障注入，中止' 'Lesson 11: fault injection, an abort'
say '为名字以 yunqi 开头的用户调用 styletransfer 时，sidecar 直接返回 HTTP 500，请求根本没有离开 Pod。
v3 应付得了：页面立即出现，只有按钮不可用，并说明原因。' \
  'Calls to styletransfer for users whose name starts with "yunqi" are answered HTTP 500 by the sidecar; they never leave the pod.
v3 copes: the page comes at once, and only the button is disabled, with the reason.'
begin_fault istio/virtual-service-styletransfer-test-abort.yaml
eventually page_shows 'class="kind">fault_injected<' 0 3 || die "yunqi2018 的页面应立即出现，按钮不可用，原因为 fault_injected；实际为：$PAGE $(page_says)" \
  "The page of yunqi2018 should come at once, its button disabled with the reason \"fault_injected\"; seen: $PAGE $(page_says)"
good "以 yunqi2018 登录：页面 $TOOK 秒后出现" "signed in as yunqi2018: the page comes after $TOOK s"
eventually button false fault_injected || die "按钮应当不可用，原因为 fault_injected；实际为：$BUTTON" "The button should be disabled with the reason \"fault_injected\"; seen: $BUTTON"
good "按钮不可用：$BUTTON" "The button is disabled: $BUTTON"
end_fault
