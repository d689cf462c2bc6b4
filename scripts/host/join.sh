#!/usr/bin/env bash
# Joins a node to its cluster with a token of its own that lives for this operation. Safe to run twice: a joined node with a healthy kubelet is left alone.
#   INPUT {deployment, cluster, node, address, role, controlPlane: "<node>", endpoint: "<name>:6443", join: {JoinConfiguration}, admission?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"

main() {
  # shellcheck disable=SC2034 # some are only checked here and go on to the guest
  local deployment cluster node address role controlPlane endpoint join admission state ours ticket result=0
  read_input deployment cluster node address role controlPlane endpoint join 'admission?'
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  # shellcheck source=../guest/50-join-state.sh
  state="$(run_guest "$deployment" "$node" guest/50-join-state.sh '{}' </dev/null)"
  if [[ "$state" == 'joined '* ]]; then
    ours="$(run_guest "$deployment" "$controlPlane" guest/54-cluster-identity.sh '{}' </dev/null)"
    [[ "$state" != "joined $ours" ]] || return 0
    log "$node has joined a cluster that is gone, it joins $cluster anew"
  fi

  # shellcheck source=../guest/51-join-ticket.sh
  ticket="$(run_guest "$deployment" "$controlPlane" guest/51-join-ticket.sh "{\"node\":\"$node\",\"role\":\"$role\"}" </dev/null)"
  # shellcheck source=../guest/52-join.sh
  printf '%s' "$ticket" | run_guest "$deployment" "$node" guest/52-join.sh "$(jq '{join, endpoint, admission}' <<<"$INPUT")" || result=$?
  # shellcheck source=../guest/53-revoke-ticket.sh
  printf '%s' "$ticket" | run_guest "$deployment" "$controlPlane" guest/53-revoke-ticket.sh '{}' ||
    log "note: the token of this join could not be deleted from $cluster; it dies by itself within 15 minutes"
  [[ "$result" -eq 0 ]] || die "$node ($address) did not join $cluster" 'run it again when the cause is gone: npm start'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
