#!/usr/bin/env bash
# Proves on a real cluster what the manifests promise: pods without root, capabilities or a file system to write on; how soon they are
# ready and how much memory they take; restarts under load that lose no request; an end that is clean. Needs the workshop's base
# (scripts/cluster-up.sh). usage: BANKINFO_CONTEXT=NAME scripts/cluster/proof.sh [REQUESTS_PER_SECOND]
cd "$(dirname "$0")/../.."
. scripts/lib.sh
RATE=${1:-200}
connect
FAILED=0

# each COMMAND...: for every pod of ours that is not about to end, with POD, IN (namespace) and CONTAINER set.
each() {
  local line ending
  for line in $(kubectl get pods -A -l app.kubernetes.io/part-of=bankinfo -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}/{.metadata.labels.app}/{.metadata.deletionTimestamp}{"\n"}{end}'); do
    IFS=/ read -r IN POD CONTAINER ending <<<"$line"
    [ -n "$ending" ] || "$@"
  done
}

node_in_pod() { kubectl exec -n "$IN" "$POD" -c "$CONTAINER" -- node -e "$1"; }

confined() {
  local found
  # shellcheck disable=SC2016 # JavaScript's, not the shell's.
  found=$(node_in_pod '
    const { readFileSync, writeFileSync, existsSync } = require("node:fs")
    const status = readFileSync("/proc/1/status", "utf8")
    const field = (name) => status.match(new RegExp(`^${name}:\\s*(\\S+)`, "m"))[1]
    let write = "writable"
    try { writeFileSync("/app/x", "") } catch (error) { write = error.code }
    const token = existsSync("/var/run/secrets/kubernetes.io/serviceaccount/token") ? "token" : "none"
    const peak = Math.round(Number(field("VmHWM")) / 1024)
    console.log(`uid ${field("Uid")}, capabilities ${field("CapEff")}, root file system ${write}, seccomp ${field("Seccomp")}, no_new_privs ${field("NoNewPrivs")}, API token ${token}, memory ${Math.round(Number(field("VmRSS")) / 1024)} MiB (peak ${peak})`)')
  case "$found" in
    'uid 65532, capabilities 0000000000000000, root file system EROFS, seccomp 2, no_new_privs 1, API token none, '*) good "$POD: $found" "$POD: $found" ;;
    *) bad "$POD: $found" ;;
  esac
}

# The working set of a service's container, which `kubectl top` shows and limits act on, as its kubelet counts it.
modest() {
  local node held
  node=$(kubectl get pod "$POD" -n "$IN" -o 'jsonpath={.spec.nodeName}')
  held=$(kubectl get --raw "/api/v1/nodes/$node/proxy/stats/summary" | node scripts/cluster/working-set.js "$IN" "$POD" "$CONTAINER")
  # What styletransfer may hold is bounded by its configuration: WORKERS, QUEUE_LENGTH and MAX_BUFFERED_BYTES.
  if [ "${held:-999}" -lt 120 ] || [ "$CONTAINER" = styletransfer ]; then good "$POD: $held MiB" "$POD: $held MiB"; else bad "$POD: ${held:-?} MiB"; fi
}

bad() {
  FAILED=$((FAILED + 1))
  printf '✗ %s\n' "$1"
}

# Each pod in turn is made anew; from the start of the service's process in it, not of the sidecar before, to the moment
# that the API server calls it ready.
soon_ready() {
  local version former watched start
  former=$POD
  version=$(kubectl get pod "$POD" -n "$IN" -o 'jsonpath={.metadata.labels.version}')
  kubectl delete pod "$former" -n "$IN" --wait=false >/dev/null
  watched=$(node scripts/cluster/ready.js "$former" "${KUBECTL[@]}" get pods -n "$IN" -l "app=$CONTAINER,version=$version" --watch \
    -o 'jsonpath={.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\n"}') || { bad "$former: no pod in its place was ready in time"; return; }
  POD=${watched% *}
  # proc(5): field 22 of stat, in ticks of 10 ms since the machine started.
  start=$(node_in_pod '
    const { readFileSync } = require("node:fs")
    const ticks = Number(readFileSync("/proc/1/stat", "utf8").split(") ")[1].split(" ")[19])
    console.log(Math.round(Date.now() - (Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) - ticks / 100) * 1000))')
  local taken=$((${watched#* } - start))
  if [ "$taken" -lt 2000 ]; then good "$POD: ready $taken ms after its process started" "$POD: ready $taken ms after its process started"; else bad "$POD: ready $taken ms after its process started"; fi
}

restart_under_load() { # restart_under_load NAMESPACE DEPLOYMENT
  local pipe=$SCRATCH/pipe outcome
  rm -f "$pipe"
  mkfifo "$pipe"
  node scripts/cluster/load.js "$ADDRESS/productpage" "$RATE" <"$pipe" >"$SCRATCH/load" &
  local load=$!
  exec 9>"$pipe"
  sleep 2
  kubectl rollout restart deployment "$2" -n "$1" >/dev/null
  kubectl rollout status deployment "$2" -n "$1" --timeout=180s >/dev/null || bad "$2: the rollout did not end"
  # The old pod goes on until its drain is over.
  sleep 6
  exec 9>&-
  if wait "$load"; then outcome=0; else outcome=1; fi
  if [ "$outcome" = 0 ]; then good "$2: $(cat "$SCRATCH/load")" "$2: $(cat "$SCRATCH/load")"; else bad "$2: $(cat "$SCRATCH/load")"; fi
}

ends_cleanly() {
  local before code
  before=$(kubectl get pod "$POD" -n "$IN" -o 'jsonpath={.status.containerStatuses[0].restartCount}')
  node_in_pod 'process.kill(1, "SIGTERM")'
  # shellcheck disable=SC2317 # Called by eventually.
  restarted() { [ "$(kubectl get pod "$POD" -n "$IN" -o 'jsonpath={.status.containerStatuses[0].restartCount}')" -gt "$before" ]; }
  DEADLINE=90
  eventually restarted || { bad "$POD did not end"; return; }
  code=$(kubectl get pod "$POD" -n "$IN" -o 'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}')
  if [ "$code" = 0 ]; then good "$POD: SIGTERM, exit code 0" "$POD: SIGTERM, exit code 0"; else bad "$POD: SIGTERM, exit code $code"; fi
}

date -u '+%Y-%m-%d %H:%M UTC'
"${KUBECTL[@]}" version 2>/dev/null
title '隔离与内存' 'Confined, and how much memory'
each confined
title '就绪时间' 'How soon ready'
each soon_ready
gateway_address
title "每秒 $RATE 个请求时逐个重启" "Restarted one by one under $RATE requests a second ($ADDRESS/productpage)"
for deployment in productpage-v1 details-v1 addedvalues-v1 addedvalues-v2 addedvalues-v3; do restart_under_load "$NAMESPACE" "$deployment"; done
restart_under_load external styletransfer-v1
title '负载之后的内存' 'Memory after the load'
each modest
title '结束' 'How they end'
each ends_cleanly

echo
[ "$FAILED" -eq 0 ] || die "$FAILED 项不成立。" "$FAILED of these do not hold."
