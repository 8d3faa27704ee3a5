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
needs 03-destination-rules.sh destinationrule addedvalues
start_from yunqi2018 istio/virtual-service-user-v2-v3.yaml

lead_out istio/virtual-service-styletransfer-test-delay.yaml
printf '\n$ curl %s/productpage\n' "$ADDRESS"
# Timers count from their own start, so two times 3 s may be a hair less on curl's clock.
eventually page_shows 'class="kind">timeout<' 5.95 12 || die "yunqi2018 的页面应在 6 到 12 秒后出现，增值服务面板的原因为 timeout；实际为：$PAGE $(page_says)" \
  "The page of yunqi2018 should come after 6 to 12 s, its added values unavailable with the reason \"timeout\"; seen: $PAGE $(page_says)"
good "以 yunqi2018 登录：页面用时 $TOOK 秒，增值服务不可用（timeout，共请求两次）" "signed in as yunqi2018: the page takes $TOOK s and says that added values are unavailable (timeout, asked twice)"
for name in '' alice; do untouched "$name" v2; done

the_way_back yunqi2018
say "想在浏览器中看：$TYPED apply -f istio/serviceentry.yaml -f istio/virtual-service-styletransfer-test-delay.yaml，以 yunqi2018 登录，看完用 delete 删除它们。" \
  "To see it in a browser: $TYPED apply -f istio/serviceentry.yaml -f istio/virtual-service-styletransfer-test-delay.yaml, sign in as yunqi2018, and delete both afterwards."
