#!/usr/bin/env bash
# Says that a whole stack goes, so that its leases delete machines without draining them. Safe to run twice.
#   INPUT {deployment, stack}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"

main() {
  local deployment stack
  read_input deployment stack
  deployment="$(open_deployment "$deployment")"
  mkdir -p "$deployment/tearing-down"
  : >"$deployment/tearing-down/$stack"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
