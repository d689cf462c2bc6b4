#!/usr/bin/env bash
# Makes Vault's policies what INPUT says. Safe to run twice: an equal policy stays untouched, one that INPUT does not name too.
#   INPUT {deployment, cluster, policies: {"<policy>": {"<path>": ["<capability>", …]}}, address?, namespace?, pod?, unsealCommand?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/vault.sh
. "$here/../lib/vault.sh"
# shellcheck source=../lib/vault-keys.sh
. "$here/../lib/vault-keys.sh"

main() {
  local deployment cluster policies address namespace pod unsealCommand policy wanted held
  read_input deployment cluster policies address? namespace? pod? unsealCommand?
  deployment="$(open_deployment "$deployment")"
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod"
  as_root "$deployment" "$cluster" "$unsealCommand"
  while IFS= read -r policy; do
    wanted="$(printf '%s' "$policies" | jq -c --arg policy "$policy" '{path: .[$policy] | map_values({capabilities: .})}')"
    held="$(vault_read "sys/policies/acl/$policy" | jq -r '.data.policy // empty')"
    [[ "$held" == "$wanted" ]] ||
      jq -n --arg policy "$wanted" '{policy: $policy}' | vault_write PUT "sys/policies/acl/$policy" >/dev/null
  done < <(printf '%s' "$policies" | jq -r 'keys[]')
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
