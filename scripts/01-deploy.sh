#!/usr/bin/env bash
# Step 1: the namespace joins the mesh, its way out is closed, the services start.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 1 步：部署' 'Step 1: deploy'
say "给命名空间打上标签 istio-injection=enabled，此后在其中创建的每个 Pod 都会多一个 sidecar 代理。
sidecar.yaml 关闭出口：网格只认识自己的服务。然后部署应用：productpage、details、addedvalues（v1、v2、v3），
以及网格之外的 styletransfer。" \
  "The label istio-injection=enabled gives every pod that is made from now on a sidecar proxy.
sidecar.yaml closes the way out: the mesh knows its own services only. Then come the services:
productpage, details, addedvalues (v1, v2, v3), and styletransfer outside the mesh."

show kubectl label namespace "$NAMESPACE" istio-injection=enabled --overwrite
apply -f istio/sidecar.yaml
apply -k "${BANKINFO_K8S:-k8s}"

# A pod that was made before the label has no sidecar and never gets one: make it anew.
without_sidecar() { kubectl get pods 2>/dev/null | awk 'NR > 1 && $2 ~ /\/1$/ { print $1 }' | grep -E "$MESHED"; }
MESHED='^(productpage|details|addedvalues)-v[123]-'
OLD=$(without_sidecar | tr '\n' ' ') || true
if [ -n "$OLD" ]; then
  say "这些 Pod 在打标签之前就已经存在，没有 sidecar；删除它们，Deployment 会重新创建：" \
    'These pods are older than the label and have no sidecar; deleted, their Deployments make new ones:'
  # shellcheck disable=SC2086 # A list of pod names.
  show kubectl delete pod $OLD
fi

all_ready() {
  local deployment
  kubectl get pods >"$SCRATCH/pods" 2>&1 || return 1
  for deployment in productpage-v1 details-v1 addedvalues-v1 addedvalues-v2 addedvalues-v3; do
    grep -E "^$deployment-[^ ]+ +2/2 +Running" "$SCRATCH/pods" >/dev/null || return 1
  done
  kubectl get pods -n external >"$SCRATCH/external" 2>&1 && grep -E '^styletransfer-v1-[^ ]+ +1/1 +Running' "$SCRATCH/external" >/dev/null
}

say '等待所有 Pod 就绪……' 'Waiting until every pod is ready ...'
DEADLINE=${BANKINFO_DEADLINE:-180}
if ! eventually all_ready; then
  cat "$SCRATCH/pods" "$SCRATCH/external" >&2 2>/dev/null || true
  if grep -q 'ImagePull' "$SCRATCH/pods" "$SCRATCH/external" 2>/dev/null; then
    die '集群上没有镜像 localhost/bankinfo/<服务>:1.0.0。请先构建并导入，或用 kustomize 的 images 指向自己的镜像仓库。' \
      'The images localhost/bankinfo/<service>:1.0.0 are not on this cluster. Build and load them, or name your registry with kustomize (images).'
  fi
  die "过了 $DEADLINE 秒仍有 Pod 未就绪（网格中的应为 2/2 Running）。用 $TYPED describe pod 名称 查看原因。" \
    "After $DEADLINE s some pods are not ready (2/2 Running in the mesh). $TYPED describe pod NAME says why."
fi

show kubectl get services
show kubectl get pods
show kubectl get pods -n external
echo
good '三个服务的五个 Pod 都是 2/2：应用和 sidecar。styletransfer 在网格之外，是 1/1。' \
  'The five pods of the three services are 2/2, the service and its sidecar. styletransfer, outside the mesh, is 1/1.'
if [ "$WHERE" = laptop ] && [ "$TYPED" = kubectl ]; then
  say "要自己输入 kubectl 命令，先运行：export KUBECONFIG=$LAPTOP_HOME/kubeconfig" "To type kubectl commands yourself, first: export KUBECONFIG=$LAPTOP_HOME/kubeconfig"
fi
