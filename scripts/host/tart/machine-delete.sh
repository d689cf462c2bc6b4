#!/usr/bin/env bash
# Deletes one Tart machine and everything that this host keeps of it. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node}
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
# shellcheck source=../../lib/tart.sh
. "$here/../../lib/tart.sh"

main() {
  local deployment uid node machine found left
  read_input deployment uid node
  need tart launchctl
  deployment="$(open_deployment "$deployment")"
  machine="$(machine_name "$uid" "$node")"
  lock_machine "$uid" "$node"
  found="$(tart_look "$machine")"
  if [[ -n "$found" ]]; then
    assert_ours "$deployment" "$uid" "$node"
    stop_tart "$machine"
  fi
  # Before the machine: an agent that is just starting would run what is being deleted.
  forget_agent "$(tart_label "$uid" "$node")"
  if [[ -n "$found" ]] && ! tart delete "$machine" >&2; then
    left="$(tart_look "$machine")" || exit 1
    [[ -z "$left" ]] || die "tart does not delete $machine" 'see for yourself: tart list'
  fi
  forget_machine "$deployment" "$uid" "$node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
