#!/usr/bin/env bash
# Switches one node of a kind cluster off. Safe to run twice: one that is off stays off.
#   INPUT {deployment, uid, node, how: "clean" | "power-cut", timeoutSeconds?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/lock.sh
. "$here/../../lib/lock.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/kind.sh
. "$here/../../lib/kind.sh"

main() {
  local deployment uid node how timeoutSeconds state
  read_input deployment uid node how 'timeoutSeconds?'
  need docker
  deployment="$(open_deployment "$deployment")"
  [[ "$how" == clean || "$how" == power-cut ]] || die "how is \"$how\"; it must be clean or power-cut"
  state="$(container_state "$node")" || exit 1
  [[ "$state" == running ]] || return 0
  assert_cluster_ours "$uid" "$(node_field "$deployment" "$node" cluster)"
  if [[ "$how" == clean ]]; then set -- stop --time "${timeoutSeconds:-60}"; else set -- kill; fi
  ! docker "$@" "$node" >/dev/null || return 0
  state="$(container_state "$node")" || exit 1
  [[ "$state" != running ]] || die "the node $node does not stop" "see why: docker logs $node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
