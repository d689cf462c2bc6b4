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
# shellcheck source=../../lib/multipass.sh
. "$here/../../lib/multipass.sh"

main() {
  local deployment uid nodes instances='' node state address
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  nodes="$(known_nodes "$deployment" "$uid")"
  # Asked by name only: an instance of our name that nobody here knows is not ours.
  [[ -z "$nodes" ]] || instances="$(multipass_instances)" || exit 1
  for node in $nodes; do
    read -r state address < <(awk -v name="$(machine_name "$uid" "$node")" '$1 == name {print $2, $3}' <<<"$instances") || true
    case "$state" in
      '') state=absent ;;
      running) ;;
      *) state=stopped address='' ;;
    esac
    printf '%s %s %s\n' "$node" "$state" "$address"
  done | print_machines "$deployment"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
