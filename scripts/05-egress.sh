#!/usr/bin/env bash
# Step 5: a ServiceEntry lets the mesh call styletransfer.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 5 步：出口' 'Step 5: egress'
say 'ServiceEntry 让网格认识一个外部服务：styletransfer。从此 v3 可以调用它，按钮也就可用了。注销，再以 yunqi 开头的名字登录。' \
  'A ServiceEntry makes an outside service known to the mesh: styletransfer. Now v3 can call it, and its button is enabled.
Sign out, and in again with a name that starts with yunqi.'
needs 04-user-routing.sh virtualservice addedvalues

if ! exists serviceentry styletransfer; then
  sign_in yunqi2018
  eventually button false blocked || die "应用 ServiceEntry 之前按钮应当不可用，原因为 blocked；实际为：$BUTTON" \
    "Before the ServiceEntry the button should be disabled with the reason \"blocked\"; seen: $BUTTON"
  say "（之前：${BUTTON}）" "(Before: $BUTTON)"
  sign_out
fi
apply -f istio/serviceentry.yaml
show kubectl get serviceentries

echo
sign_in yunqi2018
eventually button true || die "应用 ServiceEntry 之后按钮应当可用；实际为：$BUTTON" "With the ServiceEntry the button should be enabled; seen: $BUTTON"
good "yunqi2018 的按钮可用了：$BUTTON" "The button of yunqi2018 is enabled: $BUTTON"
say "在浏览器中注销并重新登录：$ADDRESS/productpage" "In a browser: sign out and in again at $ADDRESS/productpage"
