# shellcheck shell=bash
# kubectl of the host, for one cluster. Works on bash 3.2. Wants deployment.sh.

# use_cluster <deployment> <cluster>: sets what cluster_kubectl uses.
use_cluster() {
  kubectl_program="$(source_path "$1" .bin)/kubectl"
  kubectl_config="$1/kubeconfig/$2"
  kubectl_server=
}

# use_server <deployment> <control planes …>: the first of them whose API answers is the one that cluster_kubectl asks from now on.
use_server() {
  local deployment="$1" node
  shift
  for node; do
    kubectl_server="https://$(node_field "$deployment" "$node" address):6443"
    ! cluster_answers || return 0
  done
  kubectl_server=
  return 1
}

# The server's certificate is good for its address, so the name in the kubeconfig need not be told again.
cluster_kubectl() { "$kubectl_program" --kubeconfig "$kubectl_config" ${kubectl_server:+--server "$kubectl_server"} "$@"; }

cluster_answers() { [[ -r "$kubectl_config" ]] && cluster_kubectl get --raw=/readyz --request-timeout=5s >/dev/null 2>&1; }
