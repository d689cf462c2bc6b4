#!/usr/bin/env bash
# The fake of machine-delete.sh. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local node uid
  node="$(field node "$INPUT")"
  uid="$(field uid "$INPUT")"
  record machine-delete "$node" "$uid"
  fault machine-delete "$node"
  power_off "$node"
  rm -rf "$(machine_of "$node")"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
