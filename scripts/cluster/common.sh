# shellcheck shell=bash
# What cluster-up.sh and cluster-down.sh share: versions, tools, which cluster. Sourced, never run. Works in bash 3.2 (macOS).
set -eu

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"
ISTIO_VERSION=${BANKINFO_ISTIO_VERSION:-1.30.3}
# A mirror for who cannot reach docker.io, quay.io and github.com: HOST serves images as HOST/docker.io/..., files.HOST files as
# files.HOST/github.com/..., which is how m.daocloud.io does it.
MIRROR=${BANKINFO_MIRROR:-}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/bankinfo
# shellcheck disable=SC2034 # For cluster-up.sh and cluster-down.sh.
NAME=bankinfo
CONTEXT=

# shellcheck disable=SC2034 # What was installed by cluster-up.sh and so goes with cluster-down.sh.
MARK=configmap/bankinfo-setup

say() { printf '== %s\n' "$*"; }
die() {
  printf '✗ %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# need TOOL HOW: the tool is there, or the way to get it is told.
need() { command -v "$1" >/dev/null || die "$1 is missing." "$2"; }

# at_least FOUND WANTED: version 1.9 is older than 1.10.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]; }

check_kubectl() {
  need kubectl 'https://kubernetes.io/docs/tasks/tools/'
  local found
  found=$(command kubectl version --client -o json | sed -n 's/.*"gitVersion": "v\([0-9.]*\).*/\1/p' | head -n 1)
  at_least "$found" 1.29 || die "kubectl $found is too old: 1.29 or newer is needed." 'https://kubernetes.io/docs/tasks/tools/'
}

check_kind() {
  need kind 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation (or: go install sigs.k8s.io/kind@v0.31.0)'
  local found
  found=$(kind version | sed -n 's/^kind v\([0-9.]*\).*/\1/p')
  at_least "$found" 0.24 || die "kind $found is too old: 0.24 or newer is needed (older ones do not know NetworkPolicy)." 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation'
  if ! docker info >/dev/null 2>&1 && ! podman info >/dev/null 2>&1; then
    die 'Neither docker nor podman runs, which kind needs for its nodes.' 'Start Docker Desktop, or: sudo systemctl start docker'
  fi
}

# The attendee's word, always at the cluster that was named.
kubectl() { command kubectl --context "$CONTEXT" "$@"; }

check_cluster() {
  command kubectl config get-contexts "$CONTEXT" >/dev/null 2>&1 ||
    die "The kubeconfig has no context $CONTEXT." "There are: $(command kubectl config get-contexts -o name | tr '\n' ' ')"
  local answer
  answer=$(kubectl version -o json --request-timeout=15s 2>&1) || die "The cluster of context $CONTEXT does not answer: $(printf '%s' "$answer" | tail -n 1)"
  SERVER_VERSION=$(printf '%s' "$answer" | sed -n '/serverVersion/,$p' | sed -n 's/.*"gitVersion": "v\([0-9.]*\).*/\1/p' | head -n 1)
  at_least "$SERVER_VERSION" 1.29 || die "Kubernetes $SERVER_VERSION is too old: 1.29 or newer is needed."
  say "context $CONTEXT, server $(command kubectl config view --minify --context "$CONTEXT" -o 'jsonpath={.clusters[0].cluster.server}'), Kubernetes $SERVER_VERSION"
}

# namespace: that of the context.
namespace() { local name; name=$(command kubectl config view --minify --context "$CONTEXT" -o 'jsonpath={.contexts[0].context.namespace}'); echo "${name:-default}"; }

has() { kubectl get "$@" >/dev/null 2>&1; }

# download_url URL: the same by way of the mirror.
download_url() { if [ -n "$MIRROR" ]; then echo "https://files.$MIRROR/${1#https://}"; else echo "$1"; fi; }

# fetch_istio: the pinned release, unpacked, in ISTIO_HOME; its checksum is compared with the published one.
fetch_istio() {
  ISTIO_HOME=${BANKINFO_ISTIO_HOME:-$CACHE/istio-$ISTIO_VERSION}
  if [ -x "$ISTIO_HOME/bin/istioctl" ]; then return; fi
  need curl 'apt-get install curl, brew install curl'
  local system machine file url
  case "$(uname -s)" in Darwin) system=osx ;; *) system=linux ;; esac
  case "$(uname -m)" in arm64 | aarch64) machine=arm64 ;; *) machine=amd64 ;; esac
  file=istio-$ISTIO_VERSION-$system-$machine.tar.gz
  url=$(download_url "https://github.com/istio/istio/releases/download/$ISTIO_VERSION/$file")
  say "Istio $ISTIO_VERSION from $url"
  mkdir -p "$CACHE"
  (
    cd "$CACHE"
    curl --fail --location --silent --show-error --remote-name "$url" --output-dir . &&
      curl --fail --location --silent --show-error "$url.sha256" --output "$file.sha256" || exit 1
    if command -v sha256sum >/dev/null; then sha256sum --check --status "$file.sha256"; else shasum -a 256 --check --status "$file.sha256"; fi
  ) || die "Istio $ISTIO_VERSION could not be fetched, or its checksum is wrong." \
    'Behind a slow line: BANKINFO_MIRROR=m.daocloud.io scripts/cluster-up.sh' \
    'Or unpack a release yourself and name its folder: BANKINFO_ISTIO_HOME=/path/to/istio-'"$ISTIO_VERSION"
  tar -xzf "$CACHE/$file" -C "$CACHE"
  rm -f "$CACHE/$file" "$CACHE/$file.sha256"
}

# mirrored: manifests from standard input with their images by way of the mirror.
mirrored() {
  if [ -z "$MIRROR" ]; then
    cat
  else
    sed -E "s#(image: *\"?)(docker.io|quay.io|ghcr.io|registry.k8s.io)/#\\1$MIRROR/\\2/#; t
      s#(image: *\"?)([a-z0-9-]+/[a-z0-9._-]+:)#\\1$MIRROR/docker.io/\\2#"
  fi
}
