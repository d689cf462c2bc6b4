#!/usr/bin/env bash
# Switches one Multipass machine off. Safe to run twice: one that is off stays off.
#   INPUT {deployment, uid, node, how: "clean" | "power-cut", timeoutSeconds?}
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
# shellcheck source=../../lib/dynamic.sh
. "$here/../../lib/dynamic.sh"
# shellcheck source=../../lib/multipass.sh
. "$here/../../lib/multipass.sh"

# What power_off asks; the machine's name is main's variable. What Multipass calls stop waits for the machine's own end, as long as that takes.
runs() { multipass_runs "$machine"; }
ask_to_end() { multipass stop "$machine" >/dev/null 2>&1 </dev/null & }

main() {
  local deployment uid node how timeoutSeconds machine
  read_input deployment uid node how 'timeoutSeconds?'
  need multipass
  deployment="$(open_deployment "$deployment")"
  [[ "$how" == clean || "$how" == power-cut ]] || die "how is \"$how\"; it must be clean or power-cut"
  machine="$(machine_name "$uid" "$node")"
  multipass_runs "$machine" || return 0
  assert_ours "$deployment" "$uid" "$node"

  [[ "$how" == power-cut ]] || power_off "$deployment" "$node" "${timeoutSeconds:-60}"
  ! multipass_runs "$machine" || multipass stop --force "$machine" >&2 || ! multipass_runs "$machine" ||
    die "multipass does not stop $machine" "see for yourself: multipass info $machine"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
