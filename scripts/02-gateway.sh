#!/usr/bin/env bash
# Step 2: the gateway lets requests from outside reach productpage.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 2 步：网关' 'Step 2: the gateway'
say '服务已经在运行，但外面还没有路可以进来。Gateway 在入口网关上打开 80 端口，VirtualService 说明哪些路径通往 productpage。' \
  'The services run, but nothing leads in from outside. The Gateway opens port 80 of the ingress gateway, and its
VirtualService says which paths lead to productpage.'
needs 01-deploy.sh service productpage

gateway_address
if ! exists gateways.networking.istio.io bankinfo-gateway; then
  printf '\n$ curl %s/productpage\n' "$ADDRESS"
  page_is_gone || die "还没有网关，$ADDRESS/productpage 却已经有应答：那里监听的是别的程序。" \
    "There is no Gateway yet, but $ADDRESS/productpage answers: something else is listening there."
  say "（之前：${HOW}）" "(Before: $HOW.)"
fi

apply -f istio/gateway.yaml
show kubectl get gateways.networking.istio.io
show kubectl get virtualservices

printf '\n$ curl %s/productpage\n' "$ADDRESS"
eventually page_answers || die "$ADDRESS/productpage 应返回 200，实际为 ${STATUS}。" "$ADDRESS/productpage should answer 200; it answered $STATUS."
grep -qi '<html' "$SCRATCH/body" || die "$ADDRESS/productpage 返回的不是网页。" "$ADDRESS/productpage answered 200, but not with a page."
echo
good "页面有应答了：在浏览器中打开 $ADDRESS/productpage" "The page answers: open $ADDRESS/productpage in a browser."
