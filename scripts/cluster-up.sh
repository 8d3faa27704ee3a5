#!/usr/bin/env bash
# A cluster with everything on it: kind (made here) or one of yours, Istio, add-ons, images, services, gateway. Safe to repeat:
# what is there is left as it is.
. "$(dirname "$0")/cluster/common.sh"
ISTIO=1 ADDONS=1 IMAGES=1 KIND=1
KUSTOMIZATION=k8s
ADDON_NAMES="prometheus grafana jaeger kiali"

usage() {
  cat <<'TEXT'
Usage: scripts/cluster-up.sh [--context NAME | --name KIND_CLUSTER] [--skip-istio] [--no-addons] [--skip-images]
  without --context  makes a kind cluster "bankinfo" on this machine, unless it is there
  --context NAME     the cluster of that context of your kubeconfig instead
  --skip-istio       never install Istio; one that is there is always left as it is
  --no-addons        without Prometheus, Grafana, Jaeger and Kiali (they take about 1.5 GiB)
  --skip-images      the nodes have the images already
Environment:
  BANKINFO_REGISTRY=registry.example.com/bankinfo  push the images there, and run them by digest (for --context)
  BANKINFO_MIRROR=m.daocloud.io                    fetch Istio, its images and the add-ons' by way of that mirror
  BANKINFO_ISTIO_VERSION, BANKINFO_ISTIO_HOME      another version; a release that you have unpacked
  BANKINFO_KIND_IMAGE=registry.example.com/kindest/node:v1.36.1
                                                   the image of kind's node, in place of the one that kind would take
scripts/cluster-down.sh takes away what this has installed.
TEXT
}

while [ $# -gt 0 ]; do
  case "$1" in
    --context) CONTEXT=${2:?--context needs a name} KIND=; shift ;;
    --name) NAME=${2:?--name needs a name}; shift ;;
    --skip-istio) ISTIO= ;;
    --no-addons) ADDONS= ;;
    --skip-images) IMAGES= ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

make_kind_cluster() {
  CONTEXT=kind-$NAME
  if kind get clusters 2>/dev/null | grep -qx "$NAME"; then
    say "kind cluster $NAME is there"
    # Made with another kubeconfig, or its creation was broken off.
    command kubectl config get-contexts "$CONTEXT" >/dev/null 2>&1 || kind export kubeconfig --name "$NAME" ||
      die "The creation of kind cluster $NAME was broken off." "scripts/cluster-down.sh --name $NAME, then once more."
    return
  fi
  local image=${BANKINFO_KIND_IMAGE:-${MIRROR:+$MIRROR/docker.io/kindest/node:v1.36.1}}
  say "kind cluster $NAME"
  # kind takes a cluster away again that it could not make, but not one that was interrupted.
  trap 'kind delete cluster --name "$NAME"; exit 130' HUP INT TERM
  kind create cluster --name "$NAME" --config scripts/cluster/kind.yaml --wait 120s ${image:+--image "$image"} ||
    die "kind could not make the cluster $NAME; its reason stands above." \
      'Ports 18080, 18443 and 18400 of this machine must be free; another kind cluster of the workshop or a port-forward may hold them.' \
      'A node image from elsewhere: BANKINFO_KIND_IMAGE=registry.example.com/kindest/node:v1.36.1'
  trap - HUP INT TERM
}

marked() { kubectl get "$MARK" -n istio-system -o "jsonpath={.data.$1}" 2>/dev/null || true; }

mark() { # mark KEY VALUE: remembers what was installed here
  kubectl create configmap bankinfo-setup -n istio-system --dry-run=client -o yaml | kubectl apply -f - >/dev/null
  kubectl patch "$MARK" -n istio-system --type merge -p "{\"data\":{\"$1\":\"$2\"}}" >/dev/null
}

install_istio() {
  if [ "$(marked istioctl)" = begun ]; then
    say 'an installation of Istio that was broken off goes on'
  elif has deployment -n istio-system istiod || has crd virtualservices.networking.istio.io; then
    has crd virtualservices.networking.istio.io || die 'istiod is there without its kinds: an installation that was broken off.' 'istioctl uninstall --purge, then once more.'
    say "Istio is there: $(kubectl get deployment -n istio-system istiod -o 'jsonpath={.spec.template.spec.containers[0].image}' 2>/dev/null || echo managed)"
    return
  fi
  [ -n "$ISTIO" ] || die 'Istio is not installed, and --skip-istio says to leave that.'
  [ -n "${BANKINFO_ISTIO_VERSION:-}" ] || at_least "$SERVER_VERSION" 1.32 ||
    die "Istio $ISTIO_VERSION is made for Kubernetes 1.32 or newer, and this is $SERVER_VERSION." 'An Istio that is older: BANKINFO_ISTIO_VERSION=1.28.0 scripts/cluster-up.sh ...'
  fetch_istio
  local options=(-f scripts/cluster/istio.yaml)
  if [ -n "$KIND" ]; then options+=(-f scripts/cluster/istio-kind.yaml); fi
  if [ -n "$MIRROR" ]; then options+=(--set "hub=$MIRROR/docker.io/istio"); fi
  say "istioctl install ($ISTIO_VERSION)"
  # Marked before it begins: what is broken off half-way is gone on with by the next run, and taken away by cluster-down.sh.
  has namespace istio-system || kubectl create namespace istio-system
  mark istio "$ISTIO_VERSION"
  mark istioctl begun
  "$ISTIO_HOME/bin/istioctl" install --context "$CONTEXT" --skip-confirmation "${options[@]}" ||
    die 'istioctl could not install Istio; its reason stands above.' "kubectl --context $CONTEXT get pods -n istio-system shows what waits; then once more, it goes on from there."
  mark istioctl ended
}

install_addons() {
  local name missing=
  for name in $ADDON_NAMES; do has deployment -n istio-system "$name" || missing="$missing $name"; done
  if [ -n "$missing" ]; then
    fetch_istio
    for name in $missing; do
      say "add-on $name"
      mark addons "$(marked addons) $name"
      mirrored <"$ISTIO_HOME/samples/addons/$name.yaml" | kubectl apply -f - >/dev/null
    done
  else
    say 'add-ons are there'
  fi
  kubectl apply -k observability
  kubectl patch deployment grafana -n istio-system --patch-file observability/grafana.patch.yaml
}

# await_addons: they are started before the services, and waited for after them; the workshop goes on without those that do not come.
await_addons() {
  local name
  for name in $ADDON_NAMES; do
    kubectl rollout status deployment "$name" -n istio-system --timeout=120s >/dev/null 2>&1 ||
      say "The add-on $name is not ready yet; why: kubectl --context $CONTEXT get pods -n istio-system"
  done
}

bring_images() {
  if [ -n "${BANKINFO_REGISTRY:-}" ]; then
    scripts/images.sh push
    KUSTOMIZATION=k8s/overlays/registry
  else
    case "$CONTEXT" in
      kind-*) scripts/images.sh kind "${CONTEXT#kind-}" ;;
      minikube*) scripts/images.sh minikube "$CONTEXT" ;;
      *) die "How do the images get to the nodes of $CONTEXT?" 'By a registry: BANKINFO_REGISTRY=registry.example.com/bankinfo scripts/cluster-up.sh --context '"$CONTEXT" 'Or they are there already: --skip-images' ;;
    esac
  fi
}

# address: the page's, tried; a load balancer's, a node's port, and on kind this machine's.
address() {
  local service host port url
  port=$(kubectl get service istio-ingressgateway -n istio-system -o 'jsonpath={.spec.ports[?(@.port==80)].nodePort}')
  service=$(kubectl get service istio-ingressgateway -n istio-system -o 'jsonpath={.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}')
  for host in ${service:+"$service"} ${KIND:+127.0.0.1:18080} \
    $(kubectl get nodes -o "jsonpath={range .items[0].status.addresses[*]}{.address}:$port {end}" 2>/dev/null); do
    url=http://$host/productpage
    if [ "$(curl --silent --output /dev/null --max-time 3 --write-out '%{http_code}' "$url")" = 200 ]; then
      echo "$url"
      return
    fi
  done
}

check_kubectl
need curl 'apt-get install curl, brew install curl'
if [ -n "$KIND" ]; then
  check_kind
  make_kind_cluster
fi
check_cluster
install_istio
case "$CONTEXT" in kind-* | minikube*) KUSTOMIZATION=k8s/overlays/kind ;; esac
if [ -n "$IMAGES" ]; then bring_images; fi
if [ -n "$ADDONS" ]; then install_addons; fi

say "services, gateway and destination rules ($KUSTOMIZATION)"
for step in 01-deploy 02-gateway 03-destination-rules; do
  # Step 3 asks for all versions in turn, which a rule of a later step keeps from coming.
  if [ "$step" = 03-destination-rules ] && has virtualservices.networking.istio.io addedvalues; then
    say 'the workshop is under way: its routing rules stay as they are'
    kubectl apply -f istio/destination-rule-all.yaml
    continue
  fi
  BANKINFO_CONTEXT=$CONTEXT BANKINFO_K8S=$KUSTOMIZATION "scripts/$step.sh" || die "scripts/$step.sh failed; the reason stands above." "pnpm bankinfo doctor --context $CONTEXT looks for it."
done
if [ -n "$ADDONS" ]; then await_addons; fi

PAGE=$(address)
printf '\n'
if [ -n "$PAGE" ]; then
  say "The page: $PAGE"
  printf '   export BANKINFO_CONTEXT=%s BANKINFO_K8S=%s BANKINFO_GATEWAY=%s\n' "$CONTEXT" "$KUSTOMIZATION" "${PAGE%/productpage}"
else
  say "No address of the gateway answers from here. In another terminal: kubectl --context $CONTEXT port-forward -n istio-system service/istio-ingressgateway 18080:80"
  printf '   Then the page is http://127.0.0.1:18080/productpage\n   export BANKINFO_CONTEXT=%s BANKINFO_K8S=%s\n' "$CONTEXT" "$KUSTOMIZATION"
fi
printf '   scripts/04-user-routing.sh goes on with the workshop; scripts/cluster-down.sh takes everything away.\n'
