#!/usr/bin/env bash
# The fake of machine-stop.sh. Safe to run twice: one that is off stays off.
#   INPUT {deployment, uid, node, how, timeoutSeconds?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local node how
  read -r node how < <(jq -er '"\(.node) \(.how)"' <<<"$INPUT")
  record machine-stop "$node" "$how"
  fault machine-stop "$node"
  cut "$node"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
