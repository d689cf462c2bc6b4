#!/usr/bin/env bash
# Approves the serving certificates of exactly these kubelets and waits for them. Safe to run twice: what is issued is only looked at.
#   INPUT {deployment, controlPlane: "<node>", nodes: [{name, address}]}
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
  local deployment controlPlane nodes
  read_input deployment controlPlane nodes
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  # shellcheck source=../guest/55-approve-serving.sh
  run_guest "$deployment" "$controlPlane" guest/55-approve-serving.sh "{\"nodes\":$nodes,\"timeoutSeconds\":60}" </dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
