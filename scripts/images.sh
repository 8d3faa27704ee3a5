#!/usr/bin/env bash
# Builds the images of the four services and of labtools, and brings them to a cluster's nodes: into kind or
# minikube, or to a registry.
set -eu
cd "$(dirname "$0")/.."
VERSION=${BANKINFO_IMAGE_VERSION:-1.0.0}
read -r -a SERVICES <<<"${BANKINFO_SERVICES:-details addedvalues styletransfer productpage labtools}"

OVERLAY=k8s/overlays/registry/kustomization.yaml

usage() {
  cat <<'TEXT'
Usage: scripts/images.sh [build | kind [CLUSTER] | minikube [PROFILE] | push]
  build     build localhost/bankinfo/<service>:1.0.0 (default)
  kind      build, then load into the nodes of a kind cluster
  minikube  build, then load into minikube
  push      build, then push to the registry that BANKINFO_REGISTRY names, say registry.example.com/bankinfo, and name the
            images by digest in k8s/overlays/registry
Builds with docker, podman or buildah, whichever is found first; BANKINFO_BUILDER chooses. BANKINFO_PLATFORMS, say
linux/arm64, builds for nodes of another architecture than this machine's; BANKINFO_SERVICES names some of the images only.
TEXT
}

find_builder() {
  local tool
  for tool in ${BANKINFO_BUILDER:-docker podman buildah}; do
    if command -v "$tool" >/dev/null; then
      BUILDER=$tool
      return
    fi
  done
  echo "✗ None of docker, podman and buildah was found${BANKINFO_BUILDER:+ (BANKINFO_BUILDER=$BANKINFO_BUILDER)}." >&2
  exit 1
}

image() { echo "localhost/bankinfo/$1:$VERSION"; }

build() {
  local service
  local options=(--build-arg "VERSION=$VERSION" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)")
  # The time of the commit in place of the clock's (https://reproducible-builds.org/specs/source-date-epoch/): the same
  # commit gives the same layers.
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
  export SOURCE_DATE_EPOCH
  # Docker's own format keeps HEALTHCHECK, which the OCI format of the other two has no place for.
  if [ "$BUILDER" != docker ]; then options+=(--format docker --timestamp "$SOURCE_DATE_EPOCH"); fi
  if [ -n "${BANKINFO_PLATFORMS:-}" ]; then options+=(--platform "$BANKINFO_PLATFORMS"); fi
  for service in "${SERVICES[@]}"; do
    echo "== $(image "$service") ($BUILDER)"
    "$BUILDER" build "${options[@]}" --build-arg "SERVICE=$service" --tag "$(image "$service")" .
  done
}

# archive SERVICE: a tar archive that every node's runtime can read; its path is printed.
archive() {
  local file=$SCRATCH/$1.tar
  case "$BUILDER" in
    docker) docker save --output "$file" "$(image "$1")" ;;
    podman) podman save --quiet --format docker-archive --output "$file" "$(image "$1")" ;;
    buildah) buildah push --quiet "$(image "$1")" "docker-archive:$file:$(image "$1")" ;;
  esac
  echo "$file"
}

push() {
  local service target digest
  if [ -z "${BANKINFO_REGISTRY:-}" ]; then
    echo '✗ BANKINFO_REGISTRY is not set: name the registry and folder, say registry.example.com/bankinfo.' >&2
    exit 2
  fi
  for service in "${SERVICES[@]}"; do
    target=${BANKINFO_REGISTRY%/}/$service:$VERSION
    "$BUILDER" tag "$(image "$service")" "$target"
    case "$BUILDER" in
      docker)
        docker push "$target"
        digest=$(docker inspect --format '{{index .RepoDigests 0}}' "$target")
        digest=${digest#*@}
        ;;
      *)
        "$BUILDER" push --digestfile "$SCRATCH/digest" "$target"
        digest=$(cat "$SCRATCH/digest")
        ;;
    esac
    name_in_overlay "$service" "$digest"
  done
  echo "== $OVERLAY names them by digest. Apply it: kubectl apply -k ${OVERLAY%/*}"
}

# name_in_overlay SERVICE DIGEST: puts registry and digest of one image into the overlay.
name_in_overlay() {
  awk -v name="localhost/bankinfo/$1" -v place="${BANKINFO_REGISTRY%/}/$1" -v digest="$2" '
    /^  - name: / { mine = ($3 == name); seen = seen || mine }
    mine && /^    newName: / { $0 = "    newName: " place }
    mine && /^    digest: / { $0 = "    digest: " digest }
    { print }
    END { if (!seen) printf "  - name: %s\n    newName: %s\n    digest: %s\n", name, place, digest }
  ' "$OVERLAY" >"$SCRATCH/overlay"
  cat "$SCRATCH/overlay" >"$OVERLAY"
}

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/bankinfo.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT
case "${1:-build}" in
  -h | --help) usage ;;
  build)
    find_builder
    build
    ;;
  kind)
    find_builder
    build
    for service in "${SERVICES[@]}"; do
      file=$(archive "$service")
      kind load image-archive "$file" --name "${2:-kind}"
    done
    ;;
  minikube)
    find_builder
    build
    for service in "${SERVICES[@]}"; do
      file=$(archive "$service")
      minikube image load "$file" --profile "${2:-minikube}"
    done
    ;;
  push)
    find_builder
    build
    push
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
