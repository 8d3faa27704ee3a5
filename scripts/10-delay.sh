#!/usr/bin/env bash
# Lesson 10: a delay of 7 s before styletransfer breaks a page that should have borne it.
. "$(dirname "$0")/lib.sh"
. scripts/outside.sh
options "$@"
connect

title '第 10 课：故障注入，延迟' 'Lesson 10: fault injection, a delay'
say '调用 styletransfer 之前，为名字以 yunqi 开头的用户等待 7 秒。v3 愿意等 10 秒，似乎没有问题；
但 productpage 只等 addedvalues 3 秒，再重试一次，所以大约 6 秒之后，整个增值服务面板就失败了。注入故障，才能发现这样的错误。' \
  'Calls to styletransfer for users whose name starts with "yunqi" wait 7 s first. v3 would wait 10 s, so all should be well;
but productpage gives addedvalues 3 s and asks once more, so after about 6 s the whole panel of added values has failed.
This is the kind of mistake that injected faults bring to light.'
begin_fault istio/virtual-service-styletransfer-test-delay.yaml
# Timers count from their own start, so two times 3 s may be a hair less on curl's clock.
eventually page_shows 'class="kind">timeout<' 5.95 12 || die "yunqi2018 的页面应在 6 到 12 秒后出现，增值服务面板的原因为 timeout；实际为：$PAGE $(page_says)" \
  "The page of yunqi2018 should come after 6 to 12 s, its added values unavailable with the reason \"timeout\"; seen: $PAGE $(page_says)"
good "以 yunqi2018 登录：页面用时 $TOOK 秒，增值服务不可用（timeout，共请求两次）" "signed in as yunqi2018: the page takes $TOOK s and says that added values are unavailable (timeout, asked twice)"
end_fault
