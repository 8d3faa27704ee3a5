# shellcheck shell=bash
# What the step scripts share: which cluster they speak to, the gateway's address, and
# the words they print. Sourced, never run. Works in bash 3.2 (macOS).
set -eu

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
. scripts/no-proxy.sh
LAPTOP_HOME=${BANKINFO_HOME:-$ROOT/.bankinfo}
LAPTOP_CLI=packages/laptop/bin/bankinfo.js
YES=${BANKINFO_YES:-}
# What an attendee types: kubectl, or the laptop's own command where there is none.
TYPED=kubectl
DEADLINE=${BANKINFO_DEADLINE:-30}
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/bankinfo.XXXXXX")
FORWARD_PID=
# Rule files that must not outlive the script, however it ends; blanks between them.
UNDO=
trap finish EXIT
trap 'exit 130' INT TERM

# Workloads that the workshop and its lessons make themselves; any other in the namespace
# belongs to somebody else.
OUR_WORKLOADS='^(productpage|details|addedvalues|styletransfer|httpbin|helloworld|tcp-echo|sleep|my-nginx|fortio|bankinfo-gateway)(-|$)'
# Only shown by step scripts and stripped from arguments here.
USAGE_OPTIONS='[--yes] [--lang zh|en]'

finish() {
  code=$?
  trap - EXIT
  for file in $UNDO; do kubectl delete --ignore-not-found -f "$file" >/dev/null 2>&1 || true; done
  if [ -n "$FORWARD_PID" ]; then kill "$FORWARD_PID" 2>/dev/null || true; fi
  rm -rf "$SCRATCH"
  exit "$code"
}

# ---- words ---------------------------------------------------------------------------

case "${BANKINFO_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
  zh*) LANGUAGE=zh ;;
  *) LANGUAGE=en ;;
esac

# words ZH EN: the sentence in the reader's language.
words() {
  if [ "$LANGUAGE" = zh ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi
}
say() { words "$1" "$2"; }
good() { printf '✓ %s\n' "$(words "$1" "$2")"; }
die() {
  printf '✗ %s\n' "$(words "$1" "$2")" >&2
  exit 1
}
title() { printf '\n== %s ==\n' "$(words "$1" "$2")"; }

# show COMMAND...: prints the command as an attendee would type it, then runs it.
show() {
  if [ "$1" = kubectl ]; then printf '\n$ %s\n' "$TYPED ${*:2}"; else printf '\n$ %s\n' "$*"; fi
  "$@"
}

# ---- options -------------------------------------------------------------------------

# options "$@": sets YES and LANGUAGE; anything else is told and refused. Options of one
# script alone are taken by that script before.
options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --yes) YES=1 ;;
      --lang=zh | --lang=en) LANGUAGE=${1#--lang=} ;;
      --lang)
        case "${2:-}" in
          zh | en) LANGUAGE=$2; shift ;;
          *) usage "--lang ${2:-}" ;;
        esac
        ;;
      -h | --help) usage ;;
      *) usage "$1" ;;
    esac
    shift
  done
  # Step scripts started by workshop.sh follow its options.
  export BANKINFO_YES=$YES BANKINFO_LANG=$LANGUAGE
}

usage() {
  if [ $# -gt 0 ]; then
    words "不认识的参数：$1" "Unknown argument: $1" >&2
    words "用法：$0 $USAGE_OPTIONS" "Usage: $0 $USAGE_OPTIONS" >&2
    exit 2
  fi
  words "用法：$0 $USAGE_OPTIONS" "Usage: $0 $USAGE_OPTIONS"
  words "  --yes   命名空间里有别人的工作负载时也继续
  --lang  输出的语言，zh 或 en（默认看 LANG）
  环境变量 BANKINFO_CONTEXT=名称：使用 kubeconfig 中的这个集群；不设就只用笔记本集群。" \
    "  --yes   go on although the namespace holds workloads of somebody else
  --lang  language of the output, zh or en (LANG decides without it)
  Environment: BANKINFO_CONTEXT=NAME uses that context of your kubeconfig; without it
  only the cluster on this laptop is ever touched."
  exit 0
}

# ---- which cluster -------------------------------------------------------------------

# kubeconfig_field NAME: the first value of that name in the laptop's kubeconfig, YAML or JSON.
kubeconfig_field() { sed -n "s/^[[:space:]]*\"\{0,1\}$1\"\{0,1\}:[[:space:]]*\"\{0,1\}\([^\",]*\).*/\1/p" "$LAPTOP_HOME/kubeconfig" 2>/dev/null | head -n 1; }
laptop_server() { kubeconfig_field server; }

# An answer of any kind will do: the certificate and the token are kubectl's business.
laptop_answers() {
  [ -n "$(laptop_server)" ] &&
    curl --silent --insecure --noproxy '*' --max-time 5 --output /dev/null "$(laptop_server)/readyz"
}

# connect: chooses the cluster, prints it as the first line, refuses what is not ours.
connect() {
  command -v curl >/dev/null || die '需要 curl。' 'curl is needed.'
  if [ -n "${BANKINFO_CONTEXT:-}" ]; then
    connect_cluster
  else
    connect_laptop
  fi
  words "上下文 ${CONTEXT}，服务器 ${SERVER}，命名空间 ${NAMESPACE}" \
    "context $CONTEXT, server $SERVER, namespace $NAMESPACE"
  refuse_foreign "$NAMESPACE"
  refuse_foreign external
}

connect_laptop() {
  laptop_answers || die \
    '没有正在运行的笔记本集群。请先在另一个终端运行 npx -y pnpm@12 dev；要使用真正的集群，请设置 BANKINFO_CONTEXT=上下文名称。' \
    'No laptop cluster is running. Start it in another terminal with: npx -y pnpm@12 dev. For a real cluster set BANKINFO_CONTEXT=NAME of its context.'
  WHERE=laptop
  SERVER=$(laptop_server)
  CONTEXT=$(kubeconfig_field current-context)
  NAMESPACE=default
  export BANKINFO_HOME=$LAPTOP_HOME
  CURL=(curl --noproxy '*')
  if [ "${BANKINFO_KUBECTL:-kubectl}" = kubectl ] && type -P kubectl >/dev/null; then
    KUBECTL=("$(type -P kubectl)" --kubeconfig "$LAPTOP_HOME/kubeconfig")
  else
    KUBECTL=(node "$LAPTOP_CLI")
    TYPED='pnpm bankinfo'
  fi
}

connect_cluster() {
  type -P kubectl >/dev/null || die "BANKINFO_CONTEXT=$BANKINFO_CONTEXT 需要 kubectl。" "BANKINFO_CONTEXT=$BANKINFO_CONTEXT needs kubectl."
  WHERE=cluster
  CONTEXT=$BANKINFO_CONTEXT
  CURL=(curl)
  KUBECTL=("$(type -P kubectl)" --context "$CONTEXT")
  SERVER=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}' 2>/dev/null) || SERVER=
  [ -n "$SERVER" ] || die "kubeconfig 中没有上下文 ${CONTEXT}。" "Your kubeconfig has no context $CONTEXT (kubectl config get-contexts lists them)."
  NAMESPACE=$(kubectl config view --minify -o 'jsonpath={.contexts[0].context.namespace}')
  NAMESPACE=${NAMESPACE:-default}
  # The laptop cluster under its name in the attendee's own kubeconfig (bankinfo use).
  if [ "$SERVER" = "$(laptop_server)" ]; then
    WHERE=laptop
    CURL=(curl --noproxy '*')
  fi
  kubectl get namespaces --request-timeout=10s >"$SCRATCH/namespaces" 2>&1 ||
    die "集群 $CONTEXT 没有应答：$(head -n 1 "$SCRATCH/namespaces")" "The cluster of context $CONTEXT does not answer: $(head -n 1 "$SCRATCH/namespaces")"
  kubectl get virtualservices.networking.istio.io >/dev/null 2>&1 ||
    die "这个集群上没有安装 Istio（没有 networking.istio.io 的资源类型）。" 'Istio is not installed on this cluster (it knows no networking.istio.io resources).'
}

# The attendee's word for the command, whatever carries it out.
kubectl() { "${KUBECTL[@]}" "$@"; }

refuse_foreign() {
  local kinds=deployments,pods foreign
  if [ "$WHERE" = cluster ]; then kinds=deployments,statefulsets,daemonsets,cronjobs,jobs,pods; fi
  foreign=$(workloads "$1" "$kinds" | grep -Ev "$OUR_WORKLOADS" | sort -u | tr '\n' ' ' | sed 's/ $//') || true
  if [ "$WHERE" = cluster ] && [ "$1" = external ] && exists namespace external &&
    [ "$(kubectl get namespace external -o 'jsonpath={.metadata.labels.app\.kubernetes\.io/part-of}')" != bankinfo ]; then
    foreign="namespace/external${foreign:+ $foreign}"
  fi
  if [ -n "$foreign" ] && [ -z "$YES" ]; then
    die "命名空间 $1 里有不属于本教程的工作负载：${foreign}。换一个命名空间，或者加上 --yes 继续。" \
      "Namespace $1 holds workloads that are not the workshop's: ${foreign}. Choose another namespace, or go on with --yes."
  fi
  # shellcheck disable=SC2034 # For the clean-up.
  if [ "$1" = "$NAMESPACE" ]; then FOREIGN=$foreign; fi
}

# workloads NAMESPACE KINDS: their names, one a line.
workloads() {
  local kind
  for kind in ${2//,/ }; do
    kubectl get "$kind" -n "$1" 2>/dev/null | awk 'NR > 1 { print $1 }'
  done
}

exists() { kubectl get "$@" >/dev/null 2>&1; }

# ---- applying ------------------------------------------------------------------------

# apply OPTION PATH: shows and runs kubectl apply, and says so when nothing was to be done.
apply() {
  printf '\n$ %s apply %s\n' "$TYPED" "$*"
  if ! kubectl apply "$@" >"$SCRATCH/apply" 2>&1; then
    cat "$SCRATCH/apply" >&2
    die "$TYPED apply $* 失败，原因见上。" "$TYPED apply $* failed; the reason stands above."
  fi
  cat "$SCRATCH/apply"
  if ! grep -v '^Warning' "$SCRATCH/apply" | grep -qv ' unchanged$'; then
    say "（已经应用过了，没有变化。）" '(Already applied; nothing changed.)'
  fi
}

# eventually COMMAND...: tries until it succeeds or the deadline has passed. A new rule
# reaches a cluster's proxies a moment after kubectl has returned.
eventually() {
  local end=$((SECONDS + DEADLINE))
  until "$@"; do
    if [ $SECONDS -ge $end ]; then return 1; fi
    sleep 0.3
  done
}

# needs FILE-OF-STEP KIND NAME: the step builds on another one.
needs() {
  exists "$2" "$3" || die "这一步要用到 $2/$3。请先运行 scripts/$1。" "This step builds on $2/$3. Run scripts/$1 first."
}

# shellcheck source=page.sh
. scripts/page.sh
