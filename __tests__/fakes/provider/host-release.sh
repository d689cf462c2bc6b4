#!/usr/bin/env bash
# The fake of nspawn/host-release.sh: gives the fake host back. Safe to run twice. Refuses while a machine runs, as the real one does.
#   INPUT {deployment, uid, node}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local deployment folder
  deployment="$(field deployment "$INPUT")"
  record host-release host ''
  fault host-release host
  for folder in "$state"/machines/*/; do
    ! is_running "$(basename "$folder")" || fail "machine $(basename "$folder") still runs"
  done
  rm -f "$state/host.json" "$deployment/lab.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
