#!/usr/bin/env bash
# Restarts the pods on this node's own network that began before its names last changed: what they looked up or bound to may be an old address.
# Safe to run twice: what began later stays. Static pods talk to addresses, not to names, and stay too.
#   no INPUT
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"
# shellcheck source=../lib/containers.sh
. "$here/../lib/containers.sh"

pods="${ROOT_FOLDER:-}/var/lib/kubelet/pods"
hosts="${ROOT_FOLDER:-}/etc/hosts"
static_pods='kube-apiserver kube-controller-manager kube-scheduler etcd'

is_static() { # <pod's folder>
  local name
  for name in $static_pods; do
    [[ ! -d "$1/containers/$name" ]] || return 0
  done
  return 1
}

# old_containers: those that run since before the names changed. Seconds are counted whole: when in doubt, old.
old_containers() {
  local copy pod id process changed
  changed="$(stat -c %Y "$hosts")"
  for copy in "$pods"/*/etc-hosts; do
    pod="${copy%/etc-hosts}"
    [[ "$(head -n 1 "$copy" 2>/dev/null)" == *'(host network)'* ]] || continue
    ! is_static "$pod" || continue
    running_containers_of pod.uid "${pod##*/}" | while read -r id process; do
      [[ "$(($(date +%s) - $(ps -o etimes= -p "$process" 2>/dev/null || echo 0)))" -gt "$changed" ]] || printf '%s\n' "$id"
    done
  done
}

main() {
  local old
  [[ -d "$pods" ]] || return 0
  old="$(old_containers)"
  # shellcheck disable=SC2086
  kill_containers $old
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
