#!/usr/bin/env bash
# Deletes one machine: process, mount, cgroup, link and file. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node}
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

main() {
  local deployment uid node machine folder
  read_input deployment uid node
  deployment="$(open_deployment "$deployment")"
  machine="$(machine_name "$uid" "$node")"
  folder="$(machine_folder "$uid" "$node")"
  refuse_copy "$deployment" "$uid"
  assert_ours "$folder" "$uid" "$node"
  assert_no_stranger "$machine" "$folder"

  cut_power "$machine" "$folder"
  # The mark goes last: a deletion that was killed half-way is still known as ours.
  [[ ! -d "$folder" ]] || find "$folder" -mindepth 1 -maxdepth 1 ! -name machine.json ! -name making.json -exec rm -rf {} +
  rm -rf "$folder" "$folder.lock"
  rm -f "$(known_hosts_of "$deployment" "$node")"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
