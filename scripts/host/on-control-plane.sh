#!/usr/bin/env bash
# Runs a script of scripts/guest on one control plane of a cluster, the first that is ready. Safe to run twice: guest scripts are.
#   INPUT {deployment, controlPlanes: ["<node>"], script: "guest/coredns.sh", input: {...}}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"
# shellcheck source=../lib/control-plane.sh
. "$here/../lib/control-plane.sh"

main() {
  local deployment controlPlanes script input
  read_input deployment controlPlanes script input
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  [[ "$script" =~ ^guest/[0-9a-z-]+\.sh$ ]] || die "script is \"$script\"; it must be a file of scripts/guest, such as guest/coredns.sh"
  input="$(with_addresses "$deployment" "$(jq -r '.[0]' <<<"$controlPlanes")" "$input")"
  on_control_plane "$deployment" 180 "$controlPlanes" "$script" "$input" </dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
