#!/usr/bin/env bash
# Opens a sealed Vault with the keys that are kept for it and waits until it serves. Safe to run twice: an open one is only looked at, and one that
# holds nothing is too: then it prints "start over".
#   INPUT {deployment, cluster, address?, namespace? ("vault"), pod? ("vault-0"), timeoutSeconds? (120), unsealCommand?}
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

unseal() {
  local keys threshold index answer status
  keys="$(load_keys "$deployment" "$cluster" "$unsealCommand")"
  threshold="$(printf '%s' "$keys" | jq -r '.threshold // empty')"
  [[ -n "$threshold" ]] || die "Vault of cluster $cluster is sealed, and there are no keys for it" \
    "they belong into $(keys_file "$deployment" "$cluster"), or unsealCommand must have them: docs/runbook/vault-sealed.md"
  printf '%s' "$keys" | jq -e '(.keys | length) >= .threshold' >/dev/null || die "fewer than $threshold keys are kept for the Vault of cluster $cluster" \
    "$(keys_file "$deployment" "$cluster"), or what unsealCommand prints, is incomplete: docs/runbook/vault-sealed.md"
  # Keys that somebody gave it by hand and left half-way would be counted.
  printf '{"reset":true}' | vault_write PUT sys/unseal >/dev/null
  for ((index = 0; index < threshold; index++)); do
    answer="$(printf '%s' "$keys" | jq -c --argjson index "$index" '{key: .keys[$index]}' | vault_request PUT sys/unseal)"
    # Only this status is about the keys: it may also not answer, or not get at its storage.
    [[ "${answer##*$'\n'}" != 400 ]] || die_wrong_keys "$(vault_errors "${answer%$'\n'*}")"
    status="$(printf '%s' "$answer" | vault_accepted PUT sys/unseal)"
  done
  # One that it knows twice does not count, and is no error.
  [[ "$(printf '%s' "$status" | jq -r .sealed)" == false ]] || die_wrong_keys 'it is still sealed after all of them'
}

die_wrong_keys() { # <what Vault says>
  die "the keys that are kept for cluster $cluster do not open its Vault: $1" 'they are of another one, whose data are gone or elsewhere: docs/runbook/vault-sealed.md'
}

# One server of several that is not the leader answers 429.
wait_serving() {
  local deadline=$((SECONDS + ${timeoutSeconds:-120}))
  until [[ "$(vault_request GET 'sys/health?standbyok=true' </dev/null | tail -n 1)" == 200 ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "Vault of cluster $cluster is open but does not serve" 'read its log: kubectl --namespace vault logs vault-0'
    sleep 0.3
  done
}

main() {
  local deployment cluster address namespace pod timeoutSeconds unsealCommand status
  read_input deployment cluster address? namespace? pod? timeoutSeconds? unsealCommand?
  deployment="$(open_deployment "$deployment")"
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod" "$timeoutSeconds"
  status="$(vault_status)"
  if [[ "$(printf '%s' "$status" | jq -r .initialized)" == false ]]; then
    log "Vault of cluster $cluster is not initialised: npx flotilla up does that"
    # For runner/machines/boot-steps.ts: none of the other steps can still hold.
    echo 'start over'
    return
  fi
  [[ "$(printf '%s' "$status" | jq -r .sealed)" == false ]] || unseal
  wait_serving
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
