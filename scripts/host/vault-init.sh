#!/usr/bin/env bash
# Initialises Vault once and keeps its unseal keys and root token in secrets/vault/<cluster>.json or with an external command. Safe to run twice: an
# initialised Vault is only looked at. Says nothing of what it keeps.
#   INPUT {deployment, cluster, address?, namespace? ("vault"), pod? ("vault-0"), shares? (5), threshold? (3), timeoutSeconds? (120),
#     unsealCommand?: ["<word>", …] (called with "load" or "save" and "<deployment>/<cluster>")}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/vault.sh
. "$here/../lib/vault.sh"
# shellcheck source=../lib/vault-keys.sh
. "$here/../lib/vault-keys.sh"

# The answer is the only copy of the keys: who gives up waiting for it on a busy host loses them.
answer_seconds=3600

# What is left in the only moment that nothing can make safe: Vault has made keys, and this host died before it had them.
begun_file() { printf '%s/secrets/vault/.%s.begun\n' "$deployment" "$cluster"; }

die_without_keys() {
  [[ -e "$(begun_file)" ]] || die "Vault of cluster $cluster is initialised, and nobody has its keys" \
    "somebody else initialised it: write its keys to $(keys_file "$deployment" "$cluster") as {\"threshold\": 3, \"keys\": [\"…\"], \"rootToken\": \"…\"}"
  die "Vault of cluster $cluster was initialised on $(cat "$(begun_file)") by a run that was cut off before it had the keys. They are lost; it was never open, so it holds nothing" \
    "empty it: kubectl --kubeconfig $deployment/kubeconfig/$cluster --namespace ${namespace:-vault} delete pvc/data-${pod:-vault-0} pod/${pod:-vault-0} --wait=false" \
    "then: rm '$(begun_file)' and run the same command again"
}

# Keys of a Vault that is gone: of no use for this one, and not ours to throw away.
# <what is kept for it>
set_aside() {
  local file dated
  file="$(keys_file "$deployment" "$cluster")"
  dated="${file%.json}.until-$(date -u +%Y%m%dT%H%M%SZ).json"
  # An external command is about to get other keys under the same name.
  [[ -z "$1" ]] || printf '%s\n' "$1" | write_file "$dated" 0600 || exit 1
  rm -f "$file" "$(unsaved_file "$deployment" "$cluster")"
}

initialise() {
  local status keys vault_seconds
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod" "$timeoutSeconds"
  status="$(vault_status)"
  keys="$(load_keys "$deployment" "$cluster" "$unsealCommand")"
  if [[ "$(printf '%s' "$status" | jq -r .initialized)" == true ]]; then
    [[ -n "$keys" ]] || die_without_keys
    [[ ! -s "$(unsaved_file "$deployment" "$cluster")" ]] || printf '%s\n' "$keys" | save_keys "$deployment" "$cluster" "$unsealCommand"
    rm -f "$(begun_file)"
    return
  fi
  set_aside "$keys"
  date -u +%Y-%m-%dT%H:%M:%SZ | write_file "$(begun_file)" 0600 || exit 1
  vault_seconds="$answer_seconds"
  jq -n --argjson shares "${shares:-5}" --argjson threshold "${threshold:-3}" '{secret_shares: $shares, secret_threshold: $threshold}' |
    vault_write PUT sys/init | jq -ec --arg cluster "$cluster" --argjson threshold "${threshold:-3}" \
    '{cluster: $cluster, threshold: $threshold, keys: (.keys_base64 // error), rootToken: (.root_token // error)}' |
    save_keys "$deployment" "$cluster" "$unsealCommand"
  rm -f "$(begun_file)"
  log "Vault of cluster $cluster is initialised; its keys are kept"
}

# Whoever is at work may be a worker of a run that was killed: it ends when Vault has answered, which is what this run would wait for too.
take_turn() {
  local lock="$deployment/secrets/vault/.$cluster.lock" seconds
  seconds=$((answer_seconds + ${timeoutSeconds:-120} + 60))
  exec 9>"$lock"
  lock_descriptor 9 5 && return
  log "another run initialises Vault of cluster $cluster: waiting for it, for up to $seconds s"
  lock_descriptor 9 "$seconds" || die "another run has been initialising Vault of cluster $cluster for $seconds s" "see who: lsof $lock"
}

main() {
  local deployment cluster address namespace pod shares threshold timeoutSeconds unsealCommand worker
  read_input deployment cluster address? namespace? pod? shares? threshold? timeoutSeconds? unsealCommand?
  need curl jq
  deployment="$(open_deployment "$deployment")"
  (umask 077 && mkdir -p "$deployment/secrets/vault") || die "the folder $deployment/secrets/vault cannot be made" 'look at its parent: ls -ld'
  take_turn
  # A process group of its own: what ends this script ends neither the request nor the keeping of its answer. The next run waits for it, by the lock.
  set -m
  (
    trap '' PIPE HUP
    initialise
  ) </dev/null &
  worker="$!"
  set +m
  wait "$worker"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
