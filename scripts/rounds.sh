# shellcheck shell=bash
# Rounds of requests from sleep to httpbin, counted by the version that has logged them: how a mirror shows. Sourced after pods.sh.

# Each round of requests has a query of its own, which the logs show.
REQUESTS=20
new_round() { ROUND=lesson-$RANDOM$RANDOM; }
# send: REQUESTS requests from sleep; ANSWERED is how many of them were answered 200.
send() {
  call sleep -o /dev/null -w '%{http_code}\n' "http://httpbin:8000/headers?$ROUND=[1-$REQUESTS]"
  ANSWERED=$(grep -c '^200$' "$SCRATCH/answer") || true
}
# in_log VERSION: how many requests of this round that version has logged.
in_log() {
  kubectl logs "deploy/httpbin-$1" -c httpbin --tail=500 >"$SCRATCH/log-$1" 2>&1 || die "无法读取 httpbin-$1 的日志：$(tail -n 1 "$SCRATCH/log-$1")" "The log of httpbin-$1 cannot be read: $(tail -n 1 "$SCRATCH/log-$1")"
  grep -c -- "$ROUND" "$SCRATCH/log-$1" || true
}
logged() {
  V1=$(in_log v1)
  V2=$(in_log v2)
  [ "$V1" = "$1" ] && [ "$V2" = "$2" ]
}
# A copy is sent without anybody waiting for it, so the log of v2 may come a moment later.
round() {
  local end=$((SECONDS + 5))
  send
  until [ "$ANSWERED" = "$REQUESTS" ] && logged "$@"; do
    if [ "$ANSWERED" != "$REQUESTS" ] || [ $SECONDS -ge $end ]; then
      new_round
      return 1
    fi
    sleep 0.3
  done
}
# rounds V1 V2: rounds of requests, until one is logged by the two versions so often.
rounds() {
  new_round
  typed sleep "'http://httpbin:8000/headers?$ROUND=[1-$REQUESTS]'"
  eventually round "$@"
}
