# shellcheck shell=bash
# How the step scripts reach the page: the gateway's address, and requests as an attendee's
# browser would send them. Sourced by lib.sh.

# ---- the gateway's address -----------------------------------------------------------

# gateway_address: sets ADDRESS (http://host:port), once. The laptop's is on 127.0.0.1; on
# a cluster the load balancer, the node port and a port-forward are tried in this order.
# BANKINFO_GATEWAY=http://host:port goes before all of them.
gateway_address() {
  if [ -n "${FORWARD_PID:-}" ] && ! kill -0 "$FORWARD_PID" 2>/dev/null; then ADDRESS=; fi
  if [ -n "${ADDRESS:-}" ]; then return; fi
  if [ -n "${BANKINFO_GATEWAY:-}" ]; then
    ADDRESS=${BANKINFO_GATEWAY%/}
    return
  fi
  local service http health host node
  service=$(kubectl get service istio-ingressgateway -n istio-system 2>/dev/null | awk 'NR > 1') || true
  [ -n "$service" ] || die 'istio-system 中没有服务 istio-ingressgateway。' 'There is no Service istio-ingressgateway in istio-system.'
  http=$(printf '%s' "$service" | sed -n 's/.*[ ,]80:\([0-9]*\)\/TCP.*/\1/p')
  if [ "$WHERE" = laptop ]; then
    ADDRESS=http://127.0.0.1:${http:-8080}
    return
  fi
  health=$(printf '%s' "$service" | sed -n 's/.*[ ,]15021:\([0-9]*\)\/TCP.*/\1/p')
  host=$(kubectl get service istio-ingressgateway -n istio-system -o 'jsonpath={.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}')
  # Port 80 may be closed as yet (no Gateway); the gateway's status port always answers.
  if [ -n "$host" ] && reachable "http://$host:15021"; then
    ADDRESS=http://$host
    return
  fi
  for node in $(kubectl get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="ExternalIP")].address} {.items[0].status.addresses[?(@.type=="InternalIP")].address}' 2>/dev/null); do
    if [ -n "$http" ] && [ -n "$health" ] && reachable "http://$node:$health"; then
      ADDRESS=http://$node:$http
      return
    fi
  done
  forward istio-ingressgateway istio-system
}

reachable() { "${CURL[@]}" --silent --max-time 3 --output /dev/null "$1/healthz/ready"; }

# forward SERVICE NAMESPACE: to port 80 of a gateway. kubectl prints the local port that it was given.
forward() {
  local line service=$1 end=$((SECONDS + 15))
  "${KUBECTL[@]}" port-forward -n "$2" "service/$service" :80 >"$SCRATCH/forward" 2>&1 &
  FORWARD_PID=$!
  while [ $SECONDS -lt $end ]; do
    line=$(sed -n 's/^Forwarding from \(127.0.0.1:[0-9]*\) .*/\1/p' "$SCRATCH/forward")
    if [ -n "$line" ]; then
      ADDRESS=http://$line
      return
    fi
    sleep 0.2
  done
  die "无法到达 ${service}：没有可用的负载均衡器地址、节点端口，port-forward 也失败了：$(tail -n 1 "$SCRATCH/forward")" \
    "$service cannot be reached: no load balancer or node port answers, and port-forward failed: $(tail -n 1 "$SCRATCH/forward")"
}

# ---- asking the page -----------------------------------------------------------------

# request PATH [CURL OPTIONS]: the body goes to $SCRATCH/body, the status (000: no answer
# at all) to STATUS, the seconds until the last byte, to
# the millisecond, to TOOK.
request() {
  local path=$1 measured
  shift
  gateway_address
  rm -f "$SCRATCH/body"
  measured=$("${CURL[@]}" --silent --max-time 75 --output "$SCRATCH/body" --write-out '%{http_code} %{time_total}' "$@" "$ADDRESS$path") || true
  STATUS=${measured%% *}
  TOOK=${measured##* }
  TOOK=${TOOK%???}
  touch "$SCRATCH/body"
}

# ask STATUS PATH [CURL OPTIONS]: the request is answered with that status.
ask() {
  local wanted=$1
  shift
  request "$@"
  [ "$STATUS" = "$wanted" ]
}

# took LEAST BELOW: the last request took at least LEAST and less than BELOW seconds.
took() { LC_ALL=C awk -v took="$TOOK" -v least="$1" -v below="$2" 'BEGIN { exit !(took >= least && took < below) }'; }

# sign_in NAME: the requests after it belong to that name, by the cookie jar JAR.
sign_in() {
  JAR=$SCRATCH/jar
  rm -f "$JAR"
  request /login --cookie-jar "$JAR" --data-urlencode "username=$1"
  case "$STATUS" in
    2?? | 3??) ;;
    *) die "无法以 $1 登录：POST $ADDRESS/login 返回 ${STATUS}。" "Signing in as $1 failed: POST $ADDRESS/login answered $STATUS." ;;
  esac
}

sign_out() {
  if [ -n "${JAR:-}" ]; then request /logout --cookie "$JAR" --cookie-jar "$JAR" --request POST; fi
  JAR=
}

# as_visitor PATH [CURL OPTIONS]: request, with the session of who is signed in.
as_visitor() {
  if [ -n "${JAR:-}" ]; then request "$@" --cookie "$JAR"; else request "$@"; fi
}

# added_values: asks for what the page shows of addedvalues; VERSION is what answered, or
# the HTTP status where nothing good did.
added_values() {
  if [ -z "${PRODUCT:-}" ]; then
    request /api/v1/products
    PRODUCT=$(grep -o '"id":"\{0,1\}[^",}]*' "$SCRATCH/body" | head -n 1 | sed 's/"id":"\{0,1\}//') || true
  fi
  as_visitor "/api/v1/products/${PRODUCT:-unknown}/addedvalues"
  VERSION=$(grep -o '"version":"[^"]*"' "$SCRATCH/body" | head -n 1 | cut -d '"' -f 4) || true
  if [ "$STATUS" != 200 ] || [ -z "$VERSION" ]; then VERSION="HTTP $STATUS"; fi
}

# shellcheck disable=SC2034 # COUNTS is for the messages.
# versions N: asks N times; SEEN is which versions answered ("v1 v2"), COUNTS how often.
versions() {
  local i
  : >"$SCRATCH/versions"
  for ((i = 0; i < $1; i++)); do
    added_values
    echo "$VERSION" >>"$SCRATCH/versions"
  done
  SEEN=$(sort -u "$SCRATCH/versions" | tr '\n' ' ' | sed 's/ $//')
  COUNTS=$(sort "$SCRATCH/versions" | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ /, ""); printf "%s%s × %d", (NR > 1 ? ", " : ""), $0, n }')
}

# only VERSION N: N answers in a row, all from that version.
only() {
  versions "$2"
  [ "$SEEN" = "$1" ]
}

# about_half: v1 and v3 answer 200 requests, and each about half of them.
# Of 200 fair draws fewer than 66, or more than 134, come once in a million times.
about_half() {
  local v3
  versions 200
  v3=$(grep -c '^v3$' "$SCRATCH/versions") || true
  [ "$SEEN" = 'v1 v3' ] && [ "$v3" -ge 66 ] && [ "$v3" -le 134 ]
}

# always WHO VERSION: twenty answers in a row come from that version, and no other. Half of
# the requests elsewhere would pass for this once in a million times.
always() {
  eventually only "$2" 20 || die "$1：应始终由 $2 应答，实际为：${COUNTS}。" "$1: $2 should answer every time; seen: $COUNTS."
  good "$1：$2（连续 20 次）" "$1: $2, 20 times of 20"
}

# always_as NAME VERSION: the same for who is signed in with that name; "" is nobody.
always_as() {
  if [ -n "$1" ]; then
    sign_in "$1"
    always "$(words "以 $1 登录" "signed in as $1")" "$2"
    sign_out
  else
    sign_out
    always "$(words 没有登录 'not signed in')" "$2"
  fi
}

# button STATE [CODE]: v3 says whether the style transfer button is enabled ("true" or
# "false"), and why. BUTTON is what it said, in short.
button() {
  added_values
  BUTTON=$(sed -n 's/.*"styleTransfer":{"enabled":\([a-z]*\),"reason":{"code":"\([^"]*\)".*/enabled \1, reason \2/p' "$SCRATCH/body")
  BUTTON="$VERSION${BUTTON:+, $BUTTON}"
  case "$BUTTON" in
    *", enabled $1, reason ${2:-}"*) ;;
    *) return 1 ;;
  esac
}

page_answers() {
  request /productpage
  [ "$STATUS" = 200 ]
}

# shellcheck disable=SC2034 # HOW is for the message of who asked.
page_is_gone() {
  request /productpage
  HOW=$(if [ "$STATUS" = 000 ]; then words '没有任何应答' 'nothing answers'; else echo "HTTP $STATUS"; fi)
  [ "$STATUS" != 200 ]
}
