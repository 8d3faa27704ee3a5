#!/usr/bin/env bash
# Builds the images of the four services and of labtools, and brings them to a cluster's nodes: into kind or
# minikube, or to a registry.
set -euo pipefail
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
linux/arm64, builds for nodes of another architecture than this machine's, and linux/amd64,linux/arm64 for a registry whose
nodes are of both; BANKINFO_SERVICES names some of the images only.
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

fail() { # fail STATUS MESSAGE
  printf '✗ %s\n' "$2" >&2
  exit "$1"
}

# several: the images are for more than one platform, each a list of images.
several() { [[ ${BANKINFO_PLATFORMS:-} == *,* ]]; }

build() {
  local service platform
  local options=(--build-arg "VERSION=$VERSION" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)")
  # The time of the commit in place of the clock's (https://reproducible-builds.org/specs/source-date-epoch/): the same
  # commit gives the same image.
  local epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
  if [ "$BUILDER" = docker ]; then
    # Docker's older builder knows neither platforms nor that time; an attestation tells when it was made.
    export DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1
    options+=(--build-arg "SOURCE_DATE_EPOCH=$epoch")
  else
    # Docker's own format keeps HEALTHCHECK, which the OCI format of the other two has no place for.
    options+=(--format docker --timestamp "$epoch")
  fi
  # Newer versions of buildah read it too, and refuse two times.
  unset SOURCE_DATE_EPOCH
  for service in "${SERVICES[@]}"; do
    echo "== $(image "$service") ($BUILDER)"
    if several && [ "$BUILDER" != docker ]; then
      # A list that is there would keep its entries beside the new ones.
      "$BUILDER" rmi "$(image "$service")" >/dev/null 2>&1 || true
      # One after the other: at once, they would stand in the list in the order in which they were ready.
      for platform in ${BANKINFO_PLATFORMS//,/ }; do
        "$BUILDER" build "${options[@]}" --platform "$platform" --build-arg "SERVICE=$service" --manifest "$(image "$service")" .
      done
    else
      "$BUILDER" build "${options[@]}" ${BANKINFO_PLATFORMS:+--platform "$BANKINFO_PLATFORMS"} --build-arg "SERVICE=$service" --tag "$(image "$service")" .
    fi
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

# upload SERVICE: pushes one image; the digest that the registry knows it by is in $SCRATCH/digest after it.
upload() {
  local target=${BANKINFO_REGISTRY%/}/$1:$VERSION status=0
  case "$BUILDER" in
    docker)
      docker tag "$(image "$1")" "$target"
      docker push "$target" | tee "$SCRATCH/log" || status=$?
      docker rmi "$target" >/dev/null
      sed -n 's/.* digest: \(sha256:[0-9a-f]*\) .*/\1/p' "$SCRATCH/log" >"$SCRATCH/digest"
      ;;
    *)
      if several; then
        "$BUILDER" manifest push --all --format v2s2 --digestfile "$SCRATCH/digest" "$(image "$1")" "docker://$target" || status=$?
      else
        "$BUILDER" push --digestfile "$SCRATCH/digest" "$(image "$1")" "docker://$target" || status=$?
      fi
      ;;
  esac
  if [ "$status" != 0 ] || [ ! -s "$SCRATCH/digest" ]; then
    fail 1 "$target was not pushed, and $OVERLAY is as it was. Is the registry there, and are you logged in ($BUILDER login ${BANKINFO_REGISTRY%%/*})?"
  fi
}

push() {
  local service
  cp "$OVERLAY" "$SCRATCH/overlay"
  for service in "${SERVICES[@]}"; do
    upload "$service"
    name_in_overlay "$service" "$(cat "$SCRATCH/digest")"
  done
  cat "$SCRATCH/overlay" >"$OVERLAY"
  echo "== $OVERLAY names them by digest. Apply it: kubectl apply -k ${OVERLAY%/*}"
}

# name_in_overlay SERVICE DIGEST: puts registry and digest of one image into the overlay's copy.
name_in_overlay() {
  awk -v name="localhost/bankinfo/$1" -v place="${BANKINFO_REGISTRY%/}/$1" -v digest="$2" '
    /^  - name: / { mine = ($3 == name); seen = seen || mine }
    mine && /^    newName: / { $0 = "    newName: " place }
    mine && /^    digest: / { $0 = "    digest: " digest }
    { print }
    END { if (!seen) printf "  - name: %s\n    newName: %s\n    digest: %s\n", name, place, digest }
  ' "$SCRATCH/overlay" >"$SCRATCH/changed"
  mv "$SCRATCH/changed" "$SCRATCH/overlay"
}

# one_platform COMMAND: ends if several platforms are asked for, which COMMAND has no use for.
one_platform() {
  if several; then fail 2 "$1 takes images of one platform, that of the nodes: BANKINFO_PLATFORMS=$BANKINFO_PLATFORMS."; fi
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
    one_platform kind
    find_builder
    build
    for service in "${SERVICES[@]}"; do
      file=$(archive "$service")
      kind load image-archive "$file" --name "${2:-kind}"
    done
    ;;
  minikube)
    one_platform minikube
    find_builder
    build
    for service in "${SERVICES[@]}"; do
      file=$(archive "$service")
      minikube image load "$file" --profile "${2:-minikube}"
    done
    ;;
  push)
    if [ -z "${BANKINFO_REGISTRY:-}" ]; then
      fail 2 'BANKINFO_REGISTRY is not set: name the registry and folder, say registry.example.com/bankinfo.'
    fi
    find_builder
    build
    push
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
