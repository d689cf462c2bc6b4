# shellcheck shell=bash
# kubectl of the host, for one cluster. Works on bash 3.2. Wants deployment.sh.

# use_cluster <deployment> <cluster>: sets what cluster_kubectl uses.
use_cluster() {
  kubectl_program="$(source_path "$1" .bin)/kubectl"
  kubectl_config="$1/kubeconfig/$2"
}

cluster_kubectl() { "$kubectl_program" --kubeconfig "$kubectl_config" "$@"; }

cluster_answers() { [[ -r "$kubectl_config" ]] && cluster_kubectl get --raw=/readyz --request-timeout=3s >/dev/null 2>&1; }
