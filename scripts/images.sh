#!/usr/bin/env bash
# Builds the images of the four services and brings them to a cluster's nodes: into kind or
# minikube, or to a registry.
set -eu
cd "$(dirname "$0")/.."
VERSION=${BANKINFO_IMAGE_VERSION:-1.0.0}
SERVICES=(details addedvalues styletransfer productpage)

usage() {
  cat <<'TEXT'
Usage: scripts/images.sh [build | kind [CLUSTER] | minikube [PROFILE] | push]
  build     build localhost/bankinfo/<service>:1.0.0 (default)
  kind      build, then load into the nodes of a kind cluster
  minikube  build, then load into minikube
  push      build, then push to the registry that BANKINFO_REGISTRY names, say registry.example.com/bankinfo
Builds with docker, podman or buildah, whichever is found first; BANKINFO_BUILDER chooses.
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
  local options=(--build-arg "VERSION=$VERSION")
  # Docker's own format keeps HEALTHCHECK, which the OCI format of the other two has no place for.
  if [ "$BUILDER" != docker ]; then options+=(--format docker); fi
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
  local service target
  if [ -z "${BANKINFO_REGISTRY:-}" ]; then
    echo '✗ BANKINFO_REGISTRY is not set: name the registry and folder, say registry.example.com/bankinfo.' >&2
    exit 2
  fi
  for service in "${SERVICES[@]}"; do
    target=${BANKINFO_REGISTRY%/}/$service:$VERSION
    "$BUILDER" tag "$(image "$service")" "$target"
    "$BUILDER" push "$target"
  done
  echo "Now name the registry in an overlay's kustomization.yaml, for each service:"
  echo '  images:'
  for service in "${SERVICES[@]}"; do
    printf '    - name: localhost/bankinfo/%s\n      newName: %s/%s\n' "$service" "${BANKINFO_REGISTRY%/}" "$service"
  done
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
