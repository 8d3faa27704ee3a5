#!/usr/bin/env bash
# Lesson 21: what the proxies tell of every request: access logs, traces, metrics, a graph.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 21 课：遥测' 'Lesson 21: telemetry'
say '每个 sidecar 都记下经过它的请求，服务本身不必做任何事：访问日志一行一个请求，同一个请求在各处的编号（x-request-id）相同，所以能连成一条调用链；
指标按来源、目标和状态码计数；由此可以画出谁在调用谁。' \
  'Every sidecar takes note of the requests that pass it; the services do nothing for that. The access log has a line for each; a request has
the same number (x-request-id) everywhere, so that its lines make a trace; metrics count by caller, service and status; and out of
them comes a graph of who calls whom.'
needs 03-destination-rules.sh destinationrule addedvalues

say '
起点：yunqi 用户得到 v3，它会调用网格之外的 styletransfer。' '
Where this lesson starts: yunqi users get v3, which calls styletransfer, outside the mesh.'
if ! exists virtualservice addedvalues; then UNDO=istio/virtual-service-user-v2-v3.yaml; fi
apply -f istio/virtual-service-user-v2-v3.yaml
if ! exists serviceentry styletransfer; then UNDO="$UNDO istio/serviceentry.yaml"; fi
apply -f istio/serviceentry.yaml
sign_in yunqi2018
eventually button true || die "yunqi2018 的按钮应当可用；实际为：$BUTTON" "The button of yunqi2018 should be enabled; seen: $BUTTON"

# ---- access logs: one request, found at every proxy on its way ------------------------

LESSON=lesson-$RANDOM$RANDOM
printf '\n$ curl --cookie jar %s/productpage?%s\n' "$ADDRESS" "$LESSON"
as_visitor "/productpage?$LESSON"
[ "$STATUS" = 200 ] || die "页面应返回 200；实际为 ${STATUS}。" "The page should answer 200; it answered $STATUS."

# log_of TEXT KUBECTL-LOGS-ARGUMENTS...: lines of a proxy's log that have the text. Ask by labels: where there are several pods, any
# of them may have had the request.
log_of() {
  local text=$1
  shift
  kubectl logs "$@" --tail=500 >"$SCRATCH/log" 2>&1 || true
  grep -- "$text" "$SCRATCH/log" >"$SCRATCH/lines"
}
eventually log_of "$LESSON" -n istio-system -l istio=ingressgateway || die \
  '入口网关的访问日志中应有这个请求。网格要打开访问日志：meshConfig.accessLogFile=/dev/stdout。' \
  "The ingress gateway's access log should have this request. The mesh must write one: meshConfig.accessLogFile=/dev/stdout."
ID=$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$SCRATCH/lines" | head -n 1) || true
[ -n "$ID" ] || die '访问日志的这一行中没有 x-request-id。' 'The line of the access log has no x-request-id.'
printf '\n$ %s logs -n istio-system -l istio=ingressgateway --tail=500 | grep %s\n' "$TYPED" "$LESSON"
cat "$SCRATCH/lines"
for deployment in productpage-v1 details-v1 addedvalues-v3; do
  labels=app=${deployment%-*},version=${deployment##*-}
  eventually log_of "$ID" -l "$labels" -c istio-proxy || die "$deployment 的 sidecar 应记下请求 ${ID}，访问日志中却没有。" \
    "The sidecar of $deployment should have logged the request $ID; its access log does not have it."
  printf '\n$ %s logs -l %s -c istio-proxy --tail=500 | grep %s\n' "$TYPED" "$labels" "$ID"
  cat "$SCRATCH/lines"
done
grep -q styletransfer "$SCRATCH/lines" || die 'addedvalues-v3 的 sidecar 应记下对 styletransfer 的调用。' 'The sidecar of addedvalues-v3 should have logged the call to styletransfer.'
good "同一个请求（$ID）出现在网关和每个 sidecar 的访问日志里" "One request ($ID) in the access logs of the gateway and of every sidecar on its way"

# ---- the same request as a trace -------------------------------------------------------

bankinfo() { node "$LAPTOP_CLI" "$@"; }
# tells TEXT... : the output of the last command has each.
tells() {
  local text
  for text in "$@"; do
    grep -q -- "$text" "$SCRATCH/told" || { MISSING=$text; return 1; }
  done
}
if [ "$WHERE" = laptop ]; then
  traced() {
    bankinfo trace "$ID" >"$SCRATCH/told" 2>&1
    tells productpage details addedvalues styletransfer
  }
  printf '\n$ pnpm bankinfo trace %s\n' "$ID"
  eventually traced || die "调用链中应有 ${MISSING:-四个服务}；实际为：$(head -n 1 "$SCRATCH/told")" "The trace should have ${MISSING:-all four services}; seen: $(head -n 1 "$SCRATCH/told")"
  cat "$SCRATCH/told"
  good '四个服务连成一条调用链，每一跳都有用时' 'A trace over all four services, each hop with its time'
else
  # Jaeger of the add-ons, asked by way of the API server.
  JAEGER=/api/v1/namespaces/istio-system/services/tracing:http-query/proxy/jaeger/api
  TRACES="$JAEGER/traces?service=productpage.$NAMESPACE&lookback=1h&tags=%7B%22guid%3Ax-request-id%22%3A%22$ID%22%7D"
  collected() {
    kubectl get --raw "$TRACES" >"$SCRATCH/told" 2>&1
    tells '"istio-ingressgateway' '"productpage[.]' '"details[.]' '"addedvalues[.]' 'styletransfer'
  }
  if exists telemetry bankinfo -n istio-system && kubectl get --raw "$JAEGER/services" >/dev/null 2>&1; then
    printf '\n$ %s get --raw "%s"\n' "$TYPED" "$TRACES"
    eventually collected || die "Jaeger 中应有这个请求的调用链，其中有 ${MISSING}；没有找到。原因可能是 Istio 的网格配置中没有 jaeger，见 observability/README.zh.md。" \
      "Jaeger should have the trace of this request, with ${MISSING} in it; it has not. Maybe Istio's mesh configuration lacks the provider jaeger: observability/README.md."
    grep -oE '"(serviceName|operationName)":"[^"]*"' "$SCRATCH/told" | sort | uniq -c
    [ "$(grep -o '"processes":' "$SCRATCH/told" | wc -l)" -eq 1 ] || die '这个请求的编号应只在一条调用链里。' 'The number of this request should be in one trace, not in several.'
    SPANS=$(grep -o '"operationName":' "$SCRATCH/told" | wc -l)
    good "Jaeger 中这个请求是一条调用链：$((SPANS)) 个 span，从网关到 styletransfer" "Jaeger has this request as one trace: $((SPANS)) spans, from the gateway to styletransfer"
  else
    say '（集群上的调用链由收集器汇集，例如 Jaeger，见 docs/telemetry.zh.md。）' '(On a cluster traces are gathered by a collector, like Jaeger: docs/telemetry.md.)'
  fi
fi

# ---- metrics -----------------------------------------------------------------------------

METRICS='-c istio-proxy -- curl -s localhost:15020/stats/prometheus'
# counted: COUNT is how many requests productpage's sidecars have sent to details, answered 200.
counted() {
  local pod
  : >"$SCRATCH/metrics"
  for pod in $(kubectl get pods -l app=productpage,version=v1 -o name); do
    # shellcheck disable=SC2086 # Words of a command.
    kubectl exec "$pod" $METRICS >>"$SCRATCH/metrics" 2>"$SCRATCH/exec" ||
      die "无法读取 productpage 的 sidecar 的指标：$(tail -n 1 "$SCRATCH/exec")" "The metrics of productpage's sidecar cannot be read: $(tail -n 1 "$SCRATCH/exec")"
  done
  grep '^istio_requests_total{' "$SCRATCH/metrics" | grep 'reporter="source"' | grep 'destination_service_name="details"' | grep 'response_code="200"' >"$SCRATCH/lines" || true
  COUNT=$(awk '{ n += $NF } END { print n + 0 }' "$SCRATCH/lines")
}
# A proxy that was built without Istio's own filters cannot count so, whatever the mesh says.
without_istio_filters() {
  [ "$WHERE" = cluster ] && kubectl exec deploy/productpage-v1 -c istio-proxy -- curl -s localhost:15000/config_dump >"$SCRATCH/config" 2>/dev/null &&
    grep -q envoy.filters.http.router "$SCRATCH/config" && ! grep -q 'istio[_.]stats' "$SCRATCH/config"
}
if without_istio_filters; then
  say '这里无法检查指标：这个集群的 sidecar 是不含 Istio 自有过滤器（istio_stats）的 Envoy，没有 istio_requests_total。' \
    "Metrics are not checkable here: the sidecars of this cluster are an Envoy without Istio's own filters (istio_stats), which has no istio_requests_total."
else
  counted
  grep -q '^istio_requests_total{' "$SCRATCH/metrics" || die '这些代理没有 istio_requests_total：网格没有打开 Istio 的指标。' \
    "These proxies have no istio_requests_total: the mesh does not count with Istio's metrics."
  BEFORE=$COUNT
  for _ in 1 2 3 4 5; do as_visitor /productpage; done
  counted
  printf '\n$ %s exec deploy/productpage-v1 %s | grep istio_requests_total\n' "$TYPED" "$METRICS"
  cat "$SCRATCH/lines"
  [ $((COUNT - BEFORE)) -ge 5 ] || die "刷新页面 5 次，productpage 对 details 的请求应至少增加 5；实际从 $BEFORE 到 ${COUNT}。" \
    "After five pages productpage should have asked details at least five times more; counted: from $BEFORE to $COUNT."
  good "istio_requests_total，productpage 到 details：刷新 5 次，从 $BEFORE 到 $COUNT" "istio_requests_total, productpage to details: from $BEFORE to $COUNT by five pages"
fi

# ---- the graph ---------------------------------------------------------------------------

if [ "$WHERE" = laptop ]; then
  graphed() {
    bankinfo graph >"$SCRATCH/graph" 2>&1
    # Of several lines for one caller only the first names it; here each does.
    awk '/^FROM / { to = index($0, "TO ") } to { from = substr($0, 1, to - 1); if (from ~ /[^ ]/) caller = from; print caller substr($0, to) }' "$SCRATCH/graph" >"$SCRATCH/told"
    tells 'istio-ingressgateway .*productpage' 'details v1' 'addedvalues v3' 'addedvalues v3 .*styletransfer'
  }
  printf '\n$ pnpm bankinfo graph\n'
  eventually graphed || die "图中应有 ${MISSING}。" "The graph should have ${MISSING}."
  cat "$SCRATCH/graph"
  good '谁在调用谁：网关 → productpage → details、addedvalues → styletransfer' 'Who calls whom: gateway, productpage, details and addedvalues, styletransfer'
else
  say '（集群上由 Kiali 根据这些指标画出同样的图。）' '(On a cluster Kiali draws this graph from the same metrics.)'
fi

say '
课程结束，恢复原状。' '
The lesson is over; what it has applied goes.'
for file in $UNDO; do show kubectl delete --ignore-not-found -f "$file"; done
UNDO=
