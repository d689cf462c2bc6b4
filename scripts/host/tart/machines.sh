#!/usr/bin/env bash
# Prints {"machines": [{node, state: "running" | "stopped" | "absent", unknown?, address?}]}: an asker, changes nothing.
#   INPUT {deployment, uid}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/lock.sh
. "$here/../../lib/lock.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/tart.sh
. "$here/../../lib/tart.sh"

main() {
  local deployment uid nodes machines node state address
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  nodes="$(known_nodes "$deployment" "$uid")"
  # Asked by name only: a machine of our name that nobody here knows is not ours.
  machines=''
  [[ -z "$nodes" ]] || machines="$(tart_machines)" || exit 1
  for node in $nodes; do
    state="$(awk -v name="$(machine_name "$uid" "$node")" '$1 == name {print $2}' <<<"$machines")"
    address=''
    [[ "$state" != running ]] || address="$(tart_ip "$(machine_name "$uid" "$node")" "$(jq -r '.machineNetwork // empty' "$deployment/nodes/$node.json" 2>/dev/null)" 0)" || address=''
    printf '%s %s %s\n' "$node" "${state:-absent}" "$address"
  done | print_machines "$deployment"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
