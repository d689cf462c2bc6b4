#!/usr/bin/env bash
# Claims this host for a deployment. Safe to run twice: a claim of ours stays. The registry starts with the first machine, which knows our address.
#   INPUT {deployment, uid, registryPort}
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

main() {
  # shellcheck disable=SC2034 # registryPort goes into lab.json
  local deployment uid registryPort
  read_input deployment uid registryPort
  need tart launchctl
  deployment="$(open_deployment "$deployment")"
  claim_host "$deployment" "$uid" tart
  jq '{uid, registryPort}' <<<"$INPUT" | write_file "$deployment/lab.json" 0644 || exit 1
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
