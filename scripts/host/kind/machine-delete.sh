#!/usr/bin/env bash
# Deletes one node of a kind cluster that no record tells of. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node}
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
  local deployment uid node cluster found
  read_input deployment uid node
  need docker
  deployment="$(open_deployment "$deployment")"
  for cluster in $(known_clusters "$uid"); do
    found="$(kind_containers "$cluster")" || exit 1
    if [[ -n "$(awk -v name="$node" '$1 == name' <<<"$found")" ]]; then
      docker rm --force --volumes "$node" >/dev/null || die "docker does not delete $node" "see why: docker inspect $node"
      found="$(kind_containers "$cluster")" || exit 1
    fi
    [[ -n "$found" ]] || rm -f "$(cluster_mark "$uid" "$cluster")"
  done
  rm -f "$deployment/nodes/$node.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
