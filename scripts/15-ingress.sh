#!/usr/bin/env bash
# Lesson 15: a host of its own at the gateway, and only the paths that a rule lists.
. "$(dirname "$0")/lib.sh"
. scripts/pods.sh
options "$@"
connect

title '第 15 课：入口流量' 'Lesson 15: ingress'
say 'Gateway 为主机 httpbin.example.com 打开 80 端口，VirtualService 只让 /status 和 /delay 两组路径通往 httpbin，其他路径由网关返回 404。
然后主机改为 *，这样浏览器也能访问。' \
  'A Gateway opens port 80 for the host httpbin.example.com, and its VirtualService leads the paths /status and /delay to httpbin; the
gateway answers any other path 404. Then the host becomes *, so that a browser gets in too.'
lesson_needs_base
HOST_HEADER='Host: httpbin.example.com'
gateway_address
sample httpbin httpbin
begin_without gateways.networking.istio.io/httpbin-gateway virtualservice/httpbin

# at_the_door STATUS PATH: with the host's name; prints what an attendee types.
at_the_door() {
  printf '\n$ curl -i -H "%s" %s%s\n' "$HOST_HEADER" "$ADDRESS" "$2"
  eventually ask "$1" "$2" --header "$HOST_HEADER" || die "对主机 httpbin.example.com，$2 应返回 $1；实际为 ${STATUS}。" \
    "For the host httpbin.example.com $2 should be answered $1; it was answered $STATUS."
}

request /status/200 --header "$HOST_HEADER"
[ "$STATUS" != 200 ] || die '还没有规则，httpbin.example.com 却已经有应答：另一个 Gateway 和 VirtualService 已经放行了它。' \
  'There is no rule yet, but httpbin.example.com answers: another Gateway and VirtualService let it in.'
say "
（之前：$(if [ "$STATUS" = 000 ]; then echo '没有任何应答'; else echo "HTTP $STATUS"; fi)）" "
(Before: $(if [ "$STATUS" = 000 ]; then echo 'nothing answers'; else echo "HTTP $STATUS"; fi).)"

bring istio/httpbin-gateway.yaml
show kubectl get gateways.networking.istio.io httpbin-gateway
show kubectl get virtualservice httpbin

at_the_door 200 /status/200
good "/status/200：200" '/status/200: 200'
at_the_door 200 /delay/2
took 1.95 30 || die "/delay/2 应在 2 秒后应答，实际用时 $TOOK 秒。" "/delay/2 should answer after 2 s; it took $TOOK s."
good "/delay/2：200，用时 $TOOK 秒" "/delay/2: 200 after $TOOK s"
at_the_door 404 /headers
good '/headers：404，规则没有列出这个路径' '/headers: 404, the rule does not list this path'
ask 404 /status/200 --header 'Host: other.example.com' || die "对主机 other.example.com，/status/200 应返回 404；实际为 ${STATUS}。" \
  "For the host other.example.com /status/200 should be answered 404; it was answered $STATUS."
good '另一个主机的 /status/200：404' '/status/200 for another host: 404'

say '
浏览器不会假装自己访问的是 httpbin.example.com。把主机改成 *，路径改成 /headers：' '
A browser does not pretend to ask for httpbin.example.com. The host becomes *, and the path /headers:'
apply -f istio/httpbin-gateway-any-host.yaml
printf '\n$ curl -i %s/headers\n' "$ADDRESS"
eventually ask 200 /headers || die "$ADDRESS/headers 应返回 200；实际为 ${STATUS}。" "$ADDRESS/headers should be answered 200; it was answered $STATUS."
cat "$SCRATCH/body"
echo
grep -qi '"x-forwarded-for"' "$SCRATCH/body" || die 'httpbin 收到的请求头中应有网关加上的 X-Forwarded-For。' 'Among the headers that httpbin received there should be X-Forwarded-For, which the gateway adds.'
good '/headers：200，httpbin 收到了网关加上的请求头' '/headers: 200, and httpbin received the headers that the gateway adds'
if exists virtualservice bankinfo; then
  eventually page_answers || die "$ADDRESS/productpage 应照常返回 200；实际为 ${STATUS}。" "$ADDRESS/productpage should answer 200 as before; it answered $STATUS."
  good '/productpage 照常应答' '/productpage answers as before'
fi

say '
课程结束，删除它的规则。' '
The lesson is over, and its rules go.'
take_away
eventually ask 404 /headers || [ "$STATUS" = 000 ] || die "规则已删除，/headers 却仍返回 ${STATUS}。" "The rules are gone, but /headers still answers $STATUS."
say "
想在浏览器中看：$TYPED apply -f istio/httpbin-gateway-any-host.yaml，打开 $ADDRESS/headers，看完用 delete 删除。
httpbin 的 Pod 留给后面的课程，scripts/22-clean-up.sh 会删除它。" "
To see it in a browser: $TYPED apply -f istio/httpbin-gateway-any-host.yaml, open $ADDRESS/headers, and delete it afterwards.
The pod of httpbin stays for the lessons that follow; scripts/22-clean-up.sh takes it away."
