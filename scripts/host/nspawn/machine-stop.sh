#!/usr/bin/env bash
# Switches one machine off. Safe to run twice: one that is off stays off.
#   INPUT {deployment, uid, node, how: "clean" | "power-cut", timeoutSeconds}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/cgroup.sh
. "$here/../../lib/cgroup.sh"
# shellcheck source=../../lib/machine.sh
. "$here/../../lib/machine.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"
# shellcheck source=../../lib/lab.sh
. "$here/../../lib/lab.sh"

shut_down() { # <deployment> <node> <machine> <seconds>
  local deadline=$((SECONDS + $4))
  node_ssh "$1" "$2" systemctl --no-block poweroff </dev/null 2>/dev/null || return 0
  while [[ -n "$(supervisor_of "$3")" ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || {
      log "$3 is not off after $4 s: cutting its power"
      return 0
    }
    sleep 0.2
  done
}

main() {
  local deployment uid node how timeoutSeconds machine folder
  read_input deployment uid node how 'timeoutSeconds?'
  deployment="$(open_deployment "$deployment")"
  [[ "$how" == clean || "$how" == power-cut ]] || die "how is \"$how\"; it must be clean or power-cut"
  machine="$(machine_name "$uid" "$node")"
  folder="$(machine_folder "$uid" "$node")"
  refuse_copy "$deployment" "$uid"
  assert_ours "$folder" "$uid" "$node"
  assert_no_stranger "$machine" "$folder"

  [[ "$how" == power-cut || -z "$(supervisor_of "$machine")" ]] || shut_down "$deployment" "$node" "$machine" "${timeoutSeconds:-60}"
  cut_power "$machine" "$folder"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
