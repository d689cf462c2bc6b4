#!/usr/bin/env bash
# Prints {"machines": [{node, state: "running" | "stopped" | "absent", unknown?}]}: an asker, changes nothing.
#   INPUT {deployment, uid}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/cgroup.sh
. "$here/../../lib/cgroup.sh"
# shellcheck source=../../lib/machine.sh
. "$here/../../lib/machine.sh"

nodes_of() { # <deployment> <uid>
  local path
  for path in "$1"/nodes/*.json "$(host_data)/$2"/*/; do
    [[ -e "$path" ]] || continue
    path="${path%/}"
    path="${path##*/}"
    printf '%s\n' "${path%.json}"
  done | sort -u
}

main() {
  local deployment uid node state unknown
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  nodes_of "$deployment" "$uid" | while read -r node; do
    state=stopped unknown=false
    [[ -e "$(machine_folder "$uid" "$node")/machine.json" ]] || state=absent
    [[ -e "$deployment/nodes/$node.json" ]] || unknown=true
    [[ -z "$(supervisor_of "$(machine_name "$uid" "$node")")" ]] || state=running
    printf '%s %s %s\n' "$node" "$state" "$unknown"
  done | jq -Rsc '{machines: [split("\n")[] | select(. != "") | split(" ") | {node: .[0], state: .[1]} + if .[2] == "true" then {unknown: true} else {} end]}'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
