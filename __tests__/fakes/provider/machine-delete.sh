#!/usr/bin/env bash
# The fake of machine-delete.sh. Safe to run twice: nothing left is fine.
#   INPUT {deployment, uid, node}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local node uid
  read -r node uid < <(jq -er 'select(.deployment) | "\(.node) \(.uid)"' <<<"$INPUT")
  record machine-delete "$node" "$uid"
  fault machine-delete "$node"
  cut "$node"
  rm -rf "$(machine_of "$node")"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
