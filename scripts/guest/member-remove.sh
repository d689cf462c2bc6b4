#!/usr/bin/env bash
# On a control plane: takes another one out of etcd's list of members. Safe to run twice: one that is not in the list is fine.
#   INPUT {node, address}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  local node address
  read_input node address
  ready_or_next
  remove_member "$node" "$address"
  # The one that left may have led: the next step wants an API that answers.
  wait_for 30 api_ready || die "the API server of $FLOTILLA_NODE is not ready after $node left" 'see why, on the node: journalctl -u kubelet'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
