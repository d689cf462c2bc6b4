#!/usr/bin/env bash
# Runs a script of scripts/guest on a node, as root over SSH. Safe to run twice: guest scripts are; its output passes through.
#   INPUT {deployment, node, script: "guest/names.sh", input: {...}}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"

main() {
  local deployment node script input
  read_input deployment node script input
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  [[ "$script" =~ ^guest/[0-9a-z-]+\.sh$ ]] || die "script is \"$script\"; it must be a file of scripts/guest, such as guest/names.sh"
  input="$(with_addresses "$deployment" "$node" "$input")"
  run_guest "$deployment" "$node" "$script" "$input" </dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
