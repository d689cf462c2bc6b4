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
# shellcheck source=../../lib/kind.sh
. "$here/../../lib/kind.sh"

main() {
  local deployment uid cluster containers='' found node state address
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  for cluster in $(known_clusters "$uid"); do
    found="$(kind_containers "$cluster")" || exit 1
    containers="$containers$found"$'\n'
  done
  {
    known_nodes "$deployment" "$uid"
    awk 'NF == 2 && $1 !~ /-external-load-balancer$/ {print $1}' <<<"$containers"
  } | sort -u | while read -r node; do
    state="$(awk -v name="$node" '$1 == name {print $2}' <<<"$containers")"
    address=''
    case "$state" in
      '') state=absent ;;
      running) address="$(jq -r '.address // empty' "$deployment/nodes/$node.json" 2>/dev/null)" || true ;;
      *) state=stopped ;;
    esac
    printf '%s %s %s\n' "$node" "$state" "$address"
  done | print_machines "$deployment"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
