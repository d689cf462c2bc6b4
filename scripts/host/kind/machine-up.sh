#!/usr/bin/env bash
# Starts one node of a kind cluster again. Safe to run twice: one that runs stays. What is gone only cluster-up.sh can make.
#   INPUT {deployment, uid, cluster, node}
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
  local deployment uid cluster node state
  read_input deployment uid cluster node
  need docker
  deployment="$(open_deployment "$deployment")"
  assert_cluster_ours "$uid" "$cluster"
  state="$(container_state "$node")"
  [[ -n "$state" ]] || die "the node $node is gone, and kind cannot add one to a cluster" 'make the cluster again: npx flotilla destroy, then npx flotilla up'
  [[ "$state" == running ]] || start_container "$node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
