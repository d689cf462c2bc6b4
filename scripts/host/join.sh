#!/usr/bin/env bash
# Joins a node to its cluster with a token of its own that lives for this operation. Safe to run twice: a joined node with a healthy kubelet is left alone.
#   INPUT {deployment, cluster, node, address, role, controlPlanes: ["<node>"], endpoint: "<name>:6443", join: {JoinConfiguration}, admission?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"
# shellcheck source=../lib/control-plane.sh
. "$here/../lib/control-plane.sh"

# is_part <state of the node> <what a control plane says of the cluster>: a control plane must be a member of its etcd too.
is_part() {
  local ca members
  read -r _ ca members <<<"$2"
  if [[ "$1" == "joined $ca" ]]; then
    [[ "$role" == worker || " $members " == *" $node "* ]] || {
      log "$node is no member of the etcd of $cluster any more, it joins anew"
      return 1
    }
  elif [[ "$role" == worker ]]; then
    log "$node has joined a cluster that is gone, it joins $cluster anew"
    return 1
  else
    die "$node holds another cluster than $helpers, and nothing is thrown away" \
      "look into both; to give up what $node holds, take it out of the fleet file for one run: npm start"
  fi
}

join_node() {
  local ticket result=0
  # shellcheck source=../guest/join-credentials.sh
  ticket="$(on_control_plane "$deployment" 180 "$helpers" guest/join-credentials.sh "$(jq '{node, address, role}' <<<"$INPUT")" </dev/null)"
  [[ "$role" == worker ]] || mark_holder "$deployment" "$node"
  # shellcheck source=../guest/join.sh
  printf '%s' "$ticket" | run_guest "$deployment" "$node" guest/join.sh "$(jq '{join, endpoint, admission}' <<<"$INPUT")" || result=$?
  # shellcheck source=../guest/revoke-join-credentials.sh
  printf '%s' "$ticket" | on_control_plane "$deployment" 5 "$helpers" guest/revoke-join-credentials.sh '{}' ||
    log "note: the token of this join could not be deleted from $cluster; it dies by itself within 15 minutes"
  [[ "$result" -eq 0 ]] || die "$node ($address) did not join $cluster" 'run it again when the cause is gone: npm start'
}

main() {
  # shellcheck disable=SC2034 # some are only checked here and go on to the guest
  local deployment cluster node address role controlPlanes endpoint join admission state identity helpers
  read_input deployment cluster node address role controlPlanes endpoint join 'admission?'
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  INPUT="$(with_addresses "$deployment" "$node" "$INPUT")"
  address="$(jq -r .address <<<"$INPUT")"
  helpers="$(jq -r '.node as $node | .controlPlanes - [$node] | join(" ")' <<<"$INPUT")"
  # shellcheck source=../guest/join-state.sh
  state="$(run_guest "$deployment" "$node" guest/join-state.sh '{}' </dev/null)"
  if [[ "$state" == 'joined '* ]]; then
    # shellcheck source=../guest/cluster-identity.sh
    identity="$(on_control_plane "$deployment" 180 "$helpers" guest/cluster-identity.sh '{}' </dev/null)"
    ! is_part "$state" "$identity" || return 0
  fi
  [[ "$role" == worker ]] || hold_lock "$deployment/nodes/.etcd-$cluster"
  join_node
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
