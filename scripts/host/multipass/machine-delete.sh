#!/usr/bin/env bash
# Deletes one Multipass machine and everything that this host keeps of it. Safe to run twice: nothing left is fine.
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
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/multipass.sh
. "$here/../../lib/multipass.sh"

main() {
  local deployment uid node machine state left
  read_input deployment uid node
  need multipass
  deployment="$(open_deployment "$deployment")"
  machine="$(machine_name "$uid" "$node")"
  lock_machine "$uid" "$node"
  state="$(multipass_state "$machine")"
  if [[ -n "$state" ]]; then
    assert_ours "$deployment" "$uid" "$node"
    if ! multipass delete --purge "$machine" >&2; then
      left="$(multipass_state "$machine")" || exit 1
      [[ -z "$left" ]] || die "multipass does not delete $machine" "see for yourself: multipass info $machine"
    fi
  fi
  forget_machine "$deployment" "$uid" "$node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
