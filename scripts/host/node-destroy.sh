#!/usr/bin/env bash
# Takes one node out: drain, etcd member, node object, machine. Safe to run twice: what is gone is fine; nodes/<node>.json goes last.
#   INPUT {deployment, uid, node}
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
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"
# shellcheck source=../lib/control-plane.sh
. "$here/../lib/control-plane.sh"

drain() { # <node>
  cluster_kubectl drain "$1" --ignore-daemonsets --delete-emptydir-data --force --timeout=60s >&2 ||
    log "the drain of $1 did not finish in 60 s: going on"
}

# Whoever was asked before may have left meanwhile.
delete_node() { # <node> <deployment> <control planes …>
  local node="$1" try
  shift
  for try in 1 2 3; do
    ! use_server "$@" || ! cluster_kubectl delete node "$node" --ignore-not-found --timeout=30s >&2 || return 0
    sleep "$try"
  done
  log "the node object $node stays"
}

worker_leaves() { # <deployment> <cluster> <node>
  local planes
  planes="$(recorded_control_planes "$1" "$2")"
  # shellcheck disable=SC2086 # a name per line
  if use_server "$1" $planes; then
    drain "$3"
    delete_node "$3" "$1" $planes
  else
    log "the API of $2 does not answer: $3 is deleted without a drain"
  fi
}

# machine_is_gone <node> <provider's scripts>: its host was asked and has none.
machine_is_gone() {
  local seen
  # shellcheck source=../host/nspawn/machines.sh
  seen="$(bash "$2/machines.sh")" || die "whether the machine of $1 is still there cannot be seen" 'see why, above; then run the same command again'
  jq -e --arg node "$1" 'all(.machines[]; .node != $node or .state == "absent")' <<<"$seen" >/dev/null
}

# Its disk is the cluster, also while its API does not answer: that one may be slow, or mended.
last_control_plane_leaves() { # <deployment> <cluster> <node> <provider's scripts>
  if ! may_hold "$1" "$3" && [[ ! -e "$1/kubeconfig/$2" ]]; then
    log "$3 has not held $2 yet: it goes"
  elif machine_is_gone "$3" "$4"; then
    log "$3 is the last control plane of $2 and its machine is gone: the cluster goes with it"
  else
    die "$3 is the last control plane of $2: all that the cluster holds would go with it" \
      'leave it in the fleet file until others have joined: first three control planes, then without this one; to give the cluster up, take all of it out'
  fi
}

# One at a time: who stays is asked under the lock, and is still a member then.
control_plane_leaves() { # <deployment> <cluster> <node> <provider's scripts>
  local stay
  stay="$(holders "$1" "$2" "$3" | tr '\n' ' ')"
  [[ -n "$stay" ]] || {
    last_control_plane_leaves "$@"
    return 0
  }
  # shellcheck disable=SC2086
  use_server "$1" $stay || die "none of the control planes that stay answers ($stay): without them $3 may hold the only copy of $2" \
    'start them first: npx flotilla boot; to give the cluster up, take all of it out of the fleet file'
  drain "$3"
  # A member that stays in the list after its machine is gone costs the quorum.
  # shellcheck source=../guest/member-remove.sh
  on_control_plane "$1" 180 "$stay" guest/member-remove.sh "$(jq '{node, address}' "$1/nodes/$3.json")" </dev/null ||
    die "the etcd member $3 could not be removed from $2" "without that the cluster may lose its quorum; look with: kubectl -n kube-system logs etcd-${stay%% *}"
  # shellcheck disable=SC2086
  delete_node "$3" "$1" $stay
}

main() {
  # shellcheck disable=SC2034 # uid is for machine-delete.sh, which reads the same INPUT
  local deployment uid node file cluster role provider scripts
  read_input deployment uid node
  deployment="$(open_deployment "$deployment")"
  file="$deployment/nodes/$node.json"
  [[ -e "$file" ]] || return 0
  cluster="$(node_field "$deployment" "$node" cluster)"
  role="$(node_field "$deployment" "$node" role)"
  provider="$(node_field "$deployment" "$node" provider)"
  scripts="$(jq -r '.scripts // empty' "$file")"
  scripts="${scripts:-$here/$provider}"
  [[ -r "$scripts/machine-delete.sh" ]] || die "the provider \"$provider\" of $node has no $scripts/machine-delete.sh"

  use_cluster "$deployment" "$cluster"
  if [[ -e "$deployment/tearing-down/$cluster" ]]; then
    log "all of $cluster goes: $node is deleted without a drain"
  elif [[ "$role" == control-plane ]]; then
    hold_lock "$deployment/nodes/.etcd-$cluster"
    control_plane_leaves "$deployment" "$cluster" "$node" "$scripts"
  else
    worker_leaves "$deployment" "$cluster" "$node"
  fi
  # shellcheck source=../host/nspawn/machine-delete.sh
  bash "$scripts/machine-delete.sh"
  [[ "$role" != control-plane || -n "$(recorded_control_planes "$deployment" "$cluster" "$node")" ]] || rm -f "$deployment/kubeconfig/$cluster"
  rm -f "$(holder_mark "$deployment" "$node")" "$file"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
