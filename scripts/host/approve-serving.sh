#!/usr/bin/env bash
# Approves the serving certificates of exactly these kubelets and waits for them. Safe to run twice: what is issued is only looked at.
#   INPUT {deployment, controlPlanes: ["<node>"], nodes: [{name, address}]}
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
  local deployment controlPlanes nodes
  read_input deployment controlPlanes nodes
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  nodes="$(with_addresses "$deployment" "$(jq -r '.[0]' <<<"$controlPlanes")" "$nodes")"
  # shellcheck source=../guest/approve-serving.sh
  on_control_plane "$deployment" 180 "$controlPlanes" guest/approve-serving.sh "{\"nodes\":$nodes,\"timeoutSeconds\":60}" </dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
