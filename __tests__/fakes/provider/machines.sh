#!/usr/bin/env bash
# The fake of machines.sh: prints {"machines": [{node, state, unknown?}]}. An asker, changes nothing.
#   INPUT {deployment, uid}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local deployment path node is
  deployment="$(field deployment "$INPUT")"
  for path in "$deployment"/nodes/*.json "$state"/machines/*/; do
    [[ -e "$path" ]] || continue
    path="${path%/}"
    path="${path##*/}"
    printf '%s\n' "${path%.json}"
  done | sort -u | while read -r node; do
    is='"stopped"'
    [[ -e "$(machine_of "$node")/machine.json" ]] || is='"absent"'
    ! is_running "$node" || is='"running"'
    [[ -e "$deployment/nodes/$node.json" ]] || is="$is,\"unknown\":true"
    printf '{"node":"%s","state":%s}\n' "$node" "$is"
  done | paste -sd, | sed 's/.*/{"machines":[&]}/'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
