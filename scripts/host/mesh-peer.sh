#!/usr/bin/env bash
# Whether a cluster is connected to one other cluster of its mesh: KVStoreMesh, which mirrors the other cluster's state, and the agent of every node, which reads
# that mirror. Changes nothing.
#   argument: the other cluster's name; environment: KUBECONFIG
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"

mesh_kubectl() { kubectl --namespace kube-system "$@" </dev/null; }

# fault_of <program> <peer> <remote clusters>: a sentence when the program is not connected. False booleans are left out of what Cilium prints.
fault_of() {
  # With -n and input an empty text is an error too.
  printf '%s' "$3" | jq -nr --arg who "$1" --arg peer "$2" '
    ([input[] | select(.name == $peer)] | first) as $found
    | if $found == null then "\($who) knows no cluster \($peer)"
      elif $found.ready and $found.connected then empty
      else "\($who) is not connected to \($peer): \($found.status // "no status") (\($found["num-failures"] // 0) failures)" end' ||
    printf '%s printed no JSON list of clusters\n' "$1"
}

main() {
  local peer="${1:?the name of the other cluster}" pods pod node clusters faults
  need kubectl jq
  pods="$(mesh_kubectl get pods --selector k8s-app=cilium --output 'jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{"\n"}{end}')" ||
    die 'the API server does not list the agents of Cilium' 'is it up? npx flotilla status'
  [[ -n "$pods" ]] || die 'no agent of Cilium runs' 'kubectl --namespace kube-system describe daemonset cilium'
  clusters="$(mesh_kubectl exec deployment/clustermesh-apiserver --container kvstoremesh -- \
    clustermesh-apiserver kvstoremesh-dbg status --output json)" || die 'KVStoreMesh does not answer'
  faults="$(fault_of KVStoreMesh "$peer" "$clusters")"
  while read -r pod node; do
    clusters="$(mesh_kubectl exec "$pod" --container cilium-agent -- cilium-dbg status --output json | jq -c '."cluster-mesh".clusters // []')" ||
      clusters=
    faults="$faults${faults:+$'\n'}$(fault_of "the agent of node $node" "$peer" "$clusters")"
  done <<<"$pods"
  # The substitution has dropped the last line's end; empty answers may have left empty lines.
  faults="$(printf '%s\n' "$faults" | sed '/^$/d')"
  [[ -z "$faults" ]] || die "$faults"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
