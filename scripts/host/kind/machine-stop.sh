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
  local deployment uid node how timeoutSeconds
  read_input deployment uid node how 'timeoutSeconds?'
  need docker
  deployment="$(open_deployment "$deployment")"
  [[ "$how" == clean || "$how" == power-cut ]] || die "how is \"$how\"; it must be clean or power-cut"
  [[ "$(container_state "$node")" == running ]] || return 0
  assert_cluster_ours "$uid" "$(node_field "$deployment" "$node" cluster)"
  if [[ "$how" == clean ]]; then docker stop --time "${timeoutSeconds:-60}" "$node" >/dev/null; else docker kill "$node" >/dev/null; fi ||
    [[ "$(container_state "$node")" != running ]] || die "the node $node does not stop" "see why: docker logs $node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
