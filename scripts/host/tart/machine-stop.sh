#!/usr/bin/env bash
# Switches one Tart machine off. Safe to run twice: one that is off stays off.
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
# shellcheck source=../../lib/agent.sh
. "$here/../../lib/agent.sh"
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/dynamic.sh
. "$here/../../lib/dynamic.sh"
# shellcheck source=../../lib/tart.sh
. "$here/../../lib/tart.sh"

# What power_off asks; the names are main's variables. `tart run` answers this signal with the machine's power button.
runs() { tart_runs "$machine"; }
ask_to_end() { launchctl kill SIGUSR2 "$(agent_domain)/$(tart_label "$uid" "$node")" >&2; }

main() {
  local deployment uid node how timeoutSeconds machine
  read_input deployment uid node how 'timeoutSeconds?'
  need tart launchctl
  deployment="$(open_deployment "$deployment")"
  [[ "$how" == clean || "$how" == power-cut ]] || die "how is \"$how\"; it must be clean or power-cut"
  machine="$(machine_name "$uid" "$node")"
  tart_runs "$machine" || return 0
  assert_ours "$deployment" "$uid" "$node"

  # What Tart calls stop is a power cut: a clean end is the machine's own.
  [[ "$how" == power-cut ]] || power_off "$deployment" "$node" "${timeoutSeconds:-60}"
  stop_tart "$machine"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
