#!/usr/bin/env bash
# Takes away what cluster-up.sh has made: the kind cluster, or on a cluster of yours all that was installed there.
. "$(dirname "$0")/cluster/common.sh"
YES=

usage() {
  cat <<'TEXT'
Usage: scripts/cluster-down.sh [--name KIND_CLUSTER | --context NAME [--yes]]
  without --context  deletes the kind cluster "bankinfo", with everything in it
  --context NAME     deletes the workshop's and the lessons' workloads, rules and namespace "external"; Istio and the add-ons too,
                     if cluster-up.sh has installed them
  --yes              without asking
TEXT
}

while [ $# -gt 0 ]; do
  case "$1" in
    --context) CONTEXT=${2:?--context needs a name}; shift ;;
    --name) NAME=${2:?--name needs a name}; shift ;;
    --yes) YES=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$CONTEXT" ]; then
  check_kind
  kind delete cluster --name "$NAME"
  if kind get clusters 2>/dev/null | grep -qx "$NAME"; then die "The kind cluster $NAME is still there."; fi
  say "Nothing is left of kind cluster $NAME. What stays on this machine: the images (docker image ls 'localhost/bankinfo/*') and docker's network \"kind\", which all kind clusters share."
  exit 0
fi

check_kubectl
check_cluster
ISTIO=$(kubectl get "$MARK" -n istio-system -o 'jsonpath={.data.istio}' 2>/dev/null || true)
ADDONS=$(kubectl get "$MARK" -n istio-system -o 'jsonpath={.data.addons}' 2>/dev/null || true)
if [ -z "$YES" ]; then
  printf 'Delete Bankinfo%s from context %s? [y/N] ' "${ADDONS:+, the add-ons$ADDONS}${ISTIO:+, Istio $ISTIO with all rules of everybody}" "$CONTEXT"
  read -r answer
  case "$answer" in y | Y | yes) ;; *) exit 1 ;; esac
fi

say 'lessons, rules, services'
if has crd gateways.gateway.networking.k8s.io; then kubectl delete --ignore-not-found -f gateway-api/; fi
if has crd virtualservices.networking.istio.io; then
  kubectl delete --ignore-not-found -k observability
  for step in 22-clean-up 07-clean-up; do
    BANKINFO_CONTEXT=$CONTEXT "scripts/$step.sh" --yes || die "scripts/$step.sh failed; the reason stands above."
  done
else
  kubectl delete --ignore-not-found -k k8s
fi
kubectl delete --ignore-not-found secret productpage-session
if [ -z "$(kubectl get deployments -o name)" ]; then
  kubectl label namespace "$(namespace)" istio-injection- >/dev/null
fi

if [ -n "$ADDONS" ]; then
  fetch_istio
  for name in $ADDONS; do
    say "add-on $name"
    kubectl delete --ignore-not-found -f "$ISTIO_HOME/samples/addons/$name.yaml" >/dev/null
  done
fi
if [ -n "$ISTIO" ]; then
  fetch_istio
  say "istioctl uninstall ($ISTIO)"
  "$ISTIO_HOME/bin/istioctl" uninstall --context "$CONTEXT" --purge --skip-confirmation
  kubectl delete namespace istio-system --ignore-not-found
  # istiod has put its root certificate into every namespace.
  kubectl delete configmap --all-namespaces -l istio.io/config=true --ignore-not-found
  kubectl get crd -o name | grep '\.istio\.io$' | while read -r kind; do kubectl delete "$kind"; done
fi

LEFT=$(kubectl get all,configmap,secret,serviceaccount,poddisruptionbudget,networkpolicy --all-namespaces -l app.kubernetes.io/part-of=bankinfo -o name)
has namespace external && LEFT="$LEFT namespace/external"
if [ -n "$LEFT" ]; then die "Still there: $LEFT"; fi
say "Nothing of Bankinfo is left in context $CONTEXT."
