#!/usr/bin/env bash
# On a control plane: deletes the pods on the network of nodes that moved, for their owners to make them again: such a pod keeps its first address for life.
# Safe to run twice: a pod with its node's address stays. Static pods are the kubelet's own matter.
#   INPUT {nodes: [{name, address}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

# outdated_pods <nodes>: standard input = pods; prints "<namespace> <name>" of those that a controller makes again.
outdated_pods() {
  jq -r --argjson nodes "$1" '($nodes | map({(.name): .address}) | add // {}) as $address | .items[]
    | select(.spec.hostNetwork and $address[.spec.nodeName] and .status.podIP and .status.podIP != $address[.spec.nodeName])
    | select(any(.metadata.ownerReferences[]?; .controller and .kind != "Node"))
    | "\(.metadata.namespace) \(.metadata.name)"'
}

main() {
  local nodes namespace pod
  read_input nodes
  ready_or_next
  admin get pods --all-namespaces --output json | outdated_pods "$nodes" | while read -r namespace pod; do
    admin --namespace "$namespace" delete pod "$pod" --ignore-not-found --wait=false >/dev/null
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
