#!/usr/bin/env bash
# Takes one node out: drain, etcd member, node object, machine. Safe to run twice: what is gone is fine; nodes/<node>.json goes last.
#   INPUT {deployment, uid, node}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"

# other_control_planes <deployment> <cluster> <node>
other_control_planes() {
  local file
  for file in "$1"/nodes/*.json; do
    # The file of another node may go while we look: leases of a cluster are released side by side.
    jq -r --arg cluster "$2" --arg node "$3" 'select(.cluster == $cluster and .role == "control-plane" and .node != $node) | .node' "$file" 2>/dev/null || true
  done
}

etcdctl_on() { # <node> <arguments …>
  local pod="etcd-$1" pki=/etc/kubernetes/pki/etcd
  shift
  cluster_kubectl -n kube-system exec "$pod" -- etcdctl --cacert "$pki/ca.crt" --cert "$pki/server.crt" --key "$pki/server.key" "$@"
}

# A member that stays in the list after its machine is gone costs the quorum.
remove_etcd_member() { # <node> <a control plane that stays>
  local member
  member="$(etcdctl_on "$2" member list --write-out=json --hex | jq -r --arg name "$1" '.members[] | select(.name == $name) | .ID')" || return 1
  [[ -z "$member" ]] || etcdctl_on "$2" member remove "$member" >&2
}

# with_lock <folder> <command …>: a folder is a lock that also macOS has; one whose owner died is taken over.
with_lock() {
  local lock="$1" result=0 deadline=$((SECONDS + 120))
  shift
  until mkdir "$lock" 2>/dev/null; do
    if [[ "$SECONDS" -ge "$deadline" ]] || ! kill -0 "$(cat "$lock/owner" 2>/dev/null || echo 0)" 2>/dev/null; then rm -rf "$lock"; fi
    sleep 0.2
  done
  echo "$$" >"$lock/owner"
  "$@" || result=$?
  rm -rf "$lock"
  return "$result"
}

leave_cluster() { # <deployment> <cluster> <node> <role>
  local stays
  use_cluster "$1" "$2"
  stays="$(other_control_planes "$1" "$2" "$3" | head -n 1)"
  if [[ "$4" == control-plane && -z "$stays" ]]; then
    log "$3 is the last control plane of $2: the cluster goes with it"
    return 0
  elif ! cluster_answers; then
    log "the API of $2 does not answer: $3 is deleted without a drain"
    return 0
  fi
  cluster_kubectl drain "$3" --ignore-daemonsets --delete-emptydir-data --force --timeout=60s >&2 ||
    log "the drain of $3 did not finish in 60 s: going on"
  [[ "$4" != control-plane ]] || with_lock "$1/nodes/.etcd-$2" remove_etcd_member "$3" "$stays" ||
    die "the etcd member $3 could not be removed from $2" "without that the cluster may lose its quorum; look with: kubectl -n kube-system logs etcd-$stays"
  cluster_kubectl delete node "$3" --ignore-not-found --timeout=30s >&2 || log "the node object $3 stays in $2"
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

  [[ -e "$deployment/tearing-down/$cluster" ]] || leave_cluster "$deployment" "$cluster" "$node" "$role"
  # shellcheck source=../host/nspawn/machine-delete.sh
  bash "$scripts/machine-delete.sh"
  [[ "$role" != control-plane || -n "$(other_control_planes "$deployment" "$cluster" "$node")" ]] || rm -f "$deployment/kubeconfig/$cluster"
  rm -f "$file"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
