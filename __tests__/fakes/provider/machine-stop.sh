#!/usr/bin/env bash
# The fake of machine-stop.sh. Safe to run twice: one that is off stays off.
#   INPUT {deployment, uid, node, how, timeoutSeconds?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local node how
  node="$(field node "$INPUT")"
  how="$(field how "$INPUT")"
  record machine-stop "$node" "$how"
  fault machine-stop "$node"
  power_off "$node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
