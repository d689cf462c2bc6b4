#!/usr/bin/env bash
# The fake of nspawn/host-claim.sh: claims the fake host. Safe to run twice: a claim of ours stays.
#   INPUT {deployment, uid, bridge, cidr, gateway, registryPort}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

main() {
  local deployment
  deployment="$(jq -er '(["uid", "bridge", "cidr", "gateway", "registryPort"] - keys) as $missing
    | if $missing != [] then error("INPUT lacks \($missing)") else .deployment end' <<<"$INPUT")"
  record host-claim host ''
  fault host-claim host
  printf '%s\n' "$INPUT" >"$state/host.json"
  cp "$state/host.json" "$deployment/lab.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
