#!/usr/bin/env bash
# Step 4: users whose name starts with "yunqi" get addedvalues v3, all others v2.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 4 步：按用户路由' 'Step 4: routing by user'
say '登录名以 yunqi 开头的用户得到 addedvalues v3，其他人（以及没有登录的人）都得到 v2。
v3 的风格转换按钮是灰色的：网格不放任何请求出去，v3 无法调用 styletransfer。' \
  'Who is signed in with a name that starts with "yunqi" gets addedvalues v3; any other name, and nobody at all, gets v2.
The style transfer button of v3 is disabled: the mesh lets nothing out, so v3 cannot call styletransfer.'
needs 03-destination-rules.sh destinationrule addedvalues

apply -f istio/virtual-service-user-v2-v3.yaml
show kubectl get virtualservices

echo
for name in '' alice Yunqi; do always_as "$name" v2; done
always_as yunqi2018 v3

sign_in yunqi2018
if exists serviceentry styletransfer; then
  eventually button true || die "serviceentry.yaml 已经应用（第 5 步），按钮应当可用；实际为：$BUTTON" "serviceentry.yaml (step 5) is in force, so the button should be enabled; seen: $BUTTON"
  say '（第 5 步的 ServiceEntry 已经应用，所以按钮是可用的。）' '(The ServiceEntry of step 5 is already in force, so the button is enabled.)'
else
  eventually button false blocked || die "v3 的按钮应当不可用，原因为 blocked（出口关闭）；实际为：${BUTTON}。是否缺少 istio/sidecar.yaml（第 1 步）？" \
    "The button of v3 should be disabled with the reason \"blocked\"; seen: $BUTTON. Is istio/sidecar.yaml (step 1) in force?"
  good 'v3 的按钮不可用：请求被网格拦下了。' 'The button of v3 is disabled: the mesh stopped the call to styletransfer.'
fi
say "在浏览器中试一试：$ADDRESS/productpage（用任意以 yunqi 开头的名字登录，密码与名字相同或留空）" \
  "Try it in a browser: $ADDRESS/productpage (sign in with any name that starts with yunqi; the password is the name, or nothing)"
