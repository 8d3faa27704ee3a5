# shellcheck shell=bash
# What the traffic lessons share: sample pods, and requests that go out from one of them.
# Sourced after lib.sh.

# The host outside the mesh that the egress lessons call: the stand-in of samples/, or a
# real one where there is a network (BANKINFO_EXTERNAL_HOST=httpbin.org).
STAND_IN=httpbin.external.svc.cluster.local
OUTSIDE=${BANKINFO_EXTERNAL_HOST:-$STAND_IN}
case "$OUTSIDE" in
  *[!A-Za-z0-9.-]*) die "BANKINFO_EXTERNAL_HOST 应当是一个主机名，实际为：$OUTSIDE" "BANKINFO_EXTERNAL_HOST should be a host name; it is: $OUTSIDE" ;;
esac

# The image of the sample pods in a registry, where the cluster has the bank's from one
# (BANKINFO_K8S=k8s/overlays/registry); scripts/images.sh push names it there.
LABTOOLS=
if [ -f "${BANKINFO_K8S:-}/kustomization.yaml" ]; then
  LABTOOLS=$(awk '/^  - name: / { mine = ($3 == "localhost/bankinfo/labtools") }
    mine && /newName:/ { place = $2 } mine && /digest:/ { print place "@" $2 }' "$BANKINFO_K8S/kustomization.yaml")
fi

# ---- sample pods ---------------------------------------------------------------------

# lesson_needs_base: sidecars for new pods, and a way out that is closed.
lesson_needs_base() { needs 01-deploy.sh sidecars.networking.istio.io default; }

# apply_sample NAME: samples/NAME.yaml, with the image of the registry if there is one.
apply_sample() {
  if [ -n "$LABTOOLS" ]; then
    apply_changed "samples/$1.yaml" "s#localhost/bankinfo/labtools:[^ ]*#$LABTOOLS#"
  else
    apply -f "samples/$1.yaml"
  fi
}

# apply_changed FILE EXPRESSION: the file as sed changes it.
apply_changed() {
  sed "$2" "$1" >"$SCRATCH/${1##*/}"
  printf "\n\$ sed '%s' %s | %s apply -f -\n" "$2" "$1" "$TYPED"
  kubectl apply -f "$SCRATCH/${1##*/}" || die "应用 $1 失败，原因见上。" "Applying $1 failed; the reason stands above."
}

# sample NAME DEPLOYMENT...: applies samples/NAME.yaml and waits until a pod of each
# Deployment is ready with its sidecar.
sample() {
  local deployment
  apply_sample "$1"
  shift
  for deployment in "$@"; do wait_for_pod "$NAMESPACE" "$deployment" 2/2; done
}

# sample_outside: the stand-in for a service of the internet, unless a real one is used.
sample_outside() {
  if [ "$OUTSIDE" = "$STAND_IN" ]; then
    apply_sample external
    wait_for_pod external httpbin 1/1
  fi
}

# wait_for_pod NAMESPACE DEPLOYMENT READY
wait_for_pod() {
  local end=$((SECONDS + ${BANKINFO_POD_DEADLINE:-180}))
  until pod_is "$@"; do
    if [ $SECONDS -ge $end ]; then
      cat "$SCRATCH/pods" >&2
      die "$2 的 Pod 没有就绪（应为 $3 Running）。用 $TYPED describe pod -n $1 -l app 查看原因。" \
        "The pod of $2 is not ready (it should be $3 Running). $TYPED describe pods -n $1 says why."
    fi
    sleep 0.3
  done
}

# The name of a Deployment's pod has two parts more, so httpbin is not httpbin-v1.
pod_is() {
  kubectl get pods -n "$1" >"$SCRATCH/pods" 2>&1 || return 1
  grep -E "^$2-[^ -]+-[^ -]+ +$3 +Running" "$SCRATCH/pods" >/dev/null
}

# ---- requests from a pod -------------------------------------------------------------

# call DEPLOYMENT CURL-ARGUMENTS...: from its pod, whose container has the first part of its
# name. The body goes to $SCRATCH/body; STATUS is 000 where no answer came at all; TOOK as
# after request.
call() {
  local from=$1 measured
  shift
  kubectl exec "deploy/$from" -c "${from%%-*}" -- curl -s --max-time 60 -w '\n%{http_code} %{time_total}' "$@" >"$SCRATCH/answer" 2>"$SCRATCH/exec" || true
  measured=$(tail -n 1 "$SCRATCH/answer")
  sed '$d' "$SCRATCH/answer" >"$SCRATCH/body"
  STATUS=${measured%% *}
  case "$STATUS" in
    [0-9][0-9][0-9]) ;;
    *) die "无法在 $from 的 Pod 中运行 curl：$(tail -n 1 "$SCRATCH/exec")" "curl could not be run in the pod of $from: $(tail -n 1 "$SCRATCH/exec")" ;;
  esac
  TOOK=${measured##* }
  TOOK=${TOOK%???}
}

# typed DEPLOYMENT CURL-ARGUMENTS...: prints what an attendee would type for such a call.
typed() {
  local from=$1
  shift
  printf '\n$ %s exec deploy/%s -c %s -- curl -s %s\n' "$TYPED" "$from" "${from%%-*}" "$*"
}

# answers STATUS DEPLOYMENT CURL-ARGUMENTS...
answers() {
  local wanted=$1
  shift
  call "$@"
  [ "$STATUS" = "$wanted" ]
}

# within STATUS LEAST BELOW DEPLOYMENT CURL-ARGUMENTS...: the status, after that many seconds.
within() {
  local wanted=$1 least=$2 below=$3
  shift 3
  call "$@"
  [ "$STATUS" = "$wanted" ] && took "$least" "$below"
}

# refused DEPLOYMENT CURL-ARGUMENTS...: the mesh does not know the host. The sidecar answers
# 502 with an empty body, or cuts the connection where it has no HTTP listener for the port.
# shellcheck disable=SC2034 # SEEN is for messages.
refused() {
  call "$@"
  case "$STATUS" in
    502) SEEN='HTTP 502' ;;
    000) SEEN=$(words '连接被切断' 'the connection is cut') ;;
    *) SEEN="HTTP $STATUS" ;;
  esac
  [ "$STATUS" = 000 ] || { [ "$STATUS" = 502 ] && ! grep -q . "$SCRATCH/body"; }
}

# ---- rules that go with the lesson ---------------------------------------------------

# bring FILE: applies a rule file that goes when the script ends, however it ends.
bring() {
  UNDO="$UNDO $1"
  apply -f "$1"
}

# bring_outside FILE: the same for a rule about the host outside.
bring_outside() {
  local file=$1
  if [ "$OUTSIDE" = "$STAND_IN" ]; then
    bring "$file"
    return
  fi
  UNDO="$UNDO $SCRATCH/${file##*/}"
  apply_changed "$file" "s/$STAND_IN/$OUTSIDE/g"
}

# take_away: deletes what the lesson has brought, the last first.
take_away() {
  local file files=
  for file in $UNDO; do files="$file $files"; done
  for file in $files; do show kubectl delete --ignore-not-found -f "$file"; done
  UNDO=
}

# begin_without KIND/NAME...: rules of an earlier try that would hide the lesson's effect.
begin_without() {
  local rule
  for rule in "$@"; do
    if exists "${rule%%/*}" "${rule#*/}"; then show kubectl delete "${rule%%/*}" "${rule#*/}"; fi
  done
}

# ---- clean up ------------------------------------------------------------------------

# shellcheck disable=SC2034 # For the clean-up.
SAMPLE_WORKLOADS='^(httpbin|sleep|fortio)(-|$)'

# delete_lessons: every rule and sample of the traffic lessons, whichever are there. Rules
# for one host have one name, so one file of each host is enough.
delete_lessons() {
  show kubectl delete --ignore-not-found -f istio/httpbin-gateway.yaml -f istio/virtual-service-httpbin-ext-timeout.yaml \
    -f istio/serviceentry-httpbin-ext.yaml -f istio/destination-rule-httpbin-circuit-breaker.yaml
  show kubectl delete --ignore-not-found -f samples/httpbin.yaml -f samples/httpbin-v1-v2.yaml -f samples/sleep.yaml \
    -f samples/sleep-plain.yaml -f samples/fortio.yaml -f samples/external.yaml
}
