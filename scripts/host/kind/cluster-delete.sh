#!/usr/bin/env bash
# Deletes one kind cluster and what this host keeps of it. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node: "<cluster>"}: a lease calls what it holds a node
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
  local deployment uid node file containers
  read_input deployment uid node
  need kind docker
  deployment="$(open_deployment "$deployment")"
  containers="$(kind_containers "$node")" || exit 1
  if [[ -n "$containers" ]]; then
    assert_cluster_ours "$uid" "$node"
    kind delete cluster --name "$node" --kubeconfig "$deployment/kubeconfig/$node" >&2 || die "kind does not delete cluster \"$node\"" 'see what is left: docker ps --all'
  fi
  for file in "$deployment"/nodes/*.json; do
    [[ ! -e "$file" || "$(jq -r .cluster "$file")" != "$node" ]] || rm -f "$file"
  done
  rm -f "$deployment/kubeconfig/$node" "$deployment/kubeconfig/$node.kind" "$deployment/kubeconfig/$node".new.* "$(cluster_mark "$uid" "$node")"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
