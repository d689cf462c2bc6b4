#!/usr/bin/env bash
# Gives the host back: the registry with its images goes, and the claim. Safe to run twice: what is gone is gone. Refuses while there is a cluster of ours.
#   INPUT {deployment, uid}
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
# shellcheck source=../../lib/kind-registry.sh
. "$here/../../lib/kind-registry.sh"

main() {
  local deployment uid cluster registry state
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  [[ "$uid" =~ ^[0-9a-z]{6}$ ]] || die "uid is \"$uid\"; it must be 6 letters or digits"
  for cluster in $(known_clusters "$uid"); do
    die "cluster $cluster of deployment $uid is still on this host" 'delete it first: npx flotilla destroy'
  done
  registry="$(registry_container "$uid")"
  # Only a host that was claimed for it can have one.
  if [[ -e "$(host_data)/$uid" ]]; then
    state="$(container_state "$registry")" || exit 1
    [[ -z "$state" ]] || remove_kind_registry "$uid"
    docker volume rm --force "$registry" >/dev/null || die "docker does not delete the volume $registry" "see why: docker volume inspect $registry"
  fi
  rm -rf "$(host_data)/${uid:?}"
  rmdir "$(host_data)" 2>/dev/null || true
  rm -f "$deployment/lab.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
