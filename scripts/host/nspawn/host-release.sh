#!/usr/bin/env bash
# Removes what nspawn/host-claim.sh made. Safe to run twice: what is gone is gone. Refuses while a machine of ours runs.
#   INPUT {deployment, uid}
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
# shellcheck source=../../lib/lab.sh
. "$here/../../lib/lab.sh"

main() {
  local deployment uid data running
  read_input deployment uid
  need ip nft pgrep
  deployment="$(open_deployment "$deployment")"
  data="$(host_data)/$uid"
  [[ "$uid" =~ ^[0-9a-z]{6}$ ]] || die "uid is \"$uid\"; it must be 6 letters or digits"
  refuse_copy "$deployment" "$uid"
  running="$(cgroup_processes "$(machine_name "$uid" '*')" | sed -n 1p)"
  [[ -z "$running" ]] || die "machines of $uid still run (process $running)" 'delete them first: npx flotilla destroy'

  stop_registry "$uid"
  ! ip link show "fl$uid" >/dev/null 2>&1 || ip link delete "fl$uid"
  # Added first, so that a table that is gone is no error and any other failure is one.
  printf '%s table inet %s\n' add "$(fence_table "$uid")" delete "$(fence_table "$uid")" | nft -f -
  unmount_machine "$data"
  rm -rf "$data"
  rmdir "$(host_data)" 2>/dev/null || true
  rm -f "$deployment/lab.json" "$deployment/logs/registry-$uid"*.yml
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
