# shellcheck shell=bash
# What cluster-up.sh and cluster-down.sh share: versions, tools, which cluster. Sourced, never run. Works in bash 3.2 (macOS).
set -eu

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"
. scripts/no-proxy.sh
ISTIO_VERSION=${BANKINFO_ISTIO_VERSION:-1.31.0}
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
  need kind 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation (or: go install sigs.k8s.io/kind@v0.33.0)'
  local found
  found=$(kind version | sed -n 's/^kind v\([0-9.]*\).*/\1/p')
  at_least "$found" 0.27 || die "kind $found is too old: 0.27 or newer is needed (older ones bring a Kubernetes that Istio $ISTIO_VERSION is not made for)." 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation'
  local answer
  # kind takes docker where it finds the command, running or not; so what counts is whether kind itself gets an answer.
  answer=$(kind get clusters 2>&1) || die "kind does not reach the engine that runs its nodes: $(printf '%s' "$answer" | tail -n 1 | sed 's|^Command Output: ||')" \
    'Start Docker Desktop, or: sudo systemctl start docker' 'podman in place of docker: export KIND_EXPERIMENTAL_PROVIDER=podman BANKINFO_BUILDER=podman'
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

checksum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }

# fetch_istio: the pinned release, unpacked, in ISTIO_HOME; its checksum is compared with the published one.
fetch_istio() {
  ISTIO_HOME=${BANKINFO_ISTIO_HOME:-$CACHE/istio-$ISTIO_VERSION}
  if [ -x "$ISTIO_HOME/bin/istioctl" ]; then return; fi
  if [ -n "${BANKINFO_ISTIO_HOME:-}" ]; then die "BANKINFO_ISTIO_HOME=$ISTIO_HOME holds no bin/istioctl." "Name the folder of an unpacked release, say /path/to/istio-$ISTIO_VERSION."; fi
  need curl 'apt-get install curl, brew install curl'
  local system machine file url suffix partial=$CACHE/istio-$ISTIO_VERSION.partial hint='Behind a slow line: BANKINFO_MIRROR=m.daocloud.io scripts/cluster-up.sh'
  if [ -n "$MIRROR" ]; then hint="BANKINFO_MIRROR=$MIRROR has to hand out files as files.$MIRROR/github.com/...; without it they come from github.com."; fi
  case "$(uname -s)" in Darwin) system=osx ;; *) system=linux ;; esac
  case "$(uname -m)" in arm64 | aarch64) machine=arm64 ;; *) machine=amd64 ;; esac
  file=istio-$ISTIO_VERSION-$system-$machine.tar.gz
  url=$(download_url "https://github.com/istio/istio/releases/download/$ISTIO_VERSION/$file")
  say "Istio $ISTIO_VERSION from $url"
  # Beside its place until it is whole: a download or an unpacking that was broken off is not taken for a release.
  rm -rf "$partial" "$ISTIO_HOME"
  mkdir -p "$partial"
  for suffix in '' .sha256; do
    curl --fail --location --silent --show-error --connect-timeout 20 --retry 2 --output "$partial/$file$suffix" "$url$suffix" ||
      die "Istio $ISTIO_VERSION could not be fetched: $url$suffix" \
        "$hint" \
        'Or unpack a release yourself and name its folder: BANKINFO_ISTIO_HOME=/path/to/istio-'"$ISTIO_VERSION"
  done
  # Compared here, not by `sha256sum --check`: the file separates sum and name by one blank, which macOS's shasum does not take.
  [ "$(checksum "$partial/$file")" = "$(cut -d ' ' -f 1 "$partial/$file.sha256")" ] ||
    die "$url is not what Istio published: its checksum is another one than $url.sha256 says." \
    'Once more; if it stays so, a proxy or the mirror on the way hands out something else.'
  tar -xzf "$partial/$file" -C "$partial"
  mv "$partial/istio-$ISTIO_VERSION" "$ISTIO_HOME"
  rm -rf "$partial"
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
