#!/usr/bin/env bash
# Gives the host back: the registry ends, the claim goes. Safe to run twice: what is gone is gone. Refuses while there is a machine of ours.
#   INPUT {deployment, uid}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/agent.sh
. "$here/../lib/agent.sh"
# shellcheck source=../lib/host-registry.sh
. "$here/../lib/host-registry.sh"

main() {
  local deployment uid data mark
  read_input deployment uid
  deployment="$(open_deployment "$deployment")"
  [[ "$uid" =~ ^[0-9a-z]{6}$ ]] || die "uid is \"$uid\"; it must be 6 letters or digits"
  data="$(host_data)/$uid"
  for mark in "$data"/machines/*.json; do
    [[ ! -e "$mark" ]] || die "$(basename "$mark" .json) of deployment $uid is still on this host" 'delete the machines first: npx flotilla destroy'
  done
  stop_host_registry "$uid"
  rm -rf "$data"
  rmdir "$(host_data)" 2>/dev/null || true
  rm -f "$deployment/lab.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
