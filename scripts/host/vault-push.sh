#!/usr/bin/env bash
# Gives Vault the random values of the deployment, those that apply-secrets.sh lays down as Secrets: <mount>/<folder>/<name> = {value}. Safe to run twice: an
# equal value makes no new version; one that nothing has asked for yet is made, so that it does not matter who comes first.
#   INPUT {deployment, cluster, values: {"<folder>": ["<name>", …]}, keyValueMount? ("kv"), address?, namespace?, pod?, unsealCommand?}
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
# shellcheck source=../lib/random-secrets.sh
. "$here/../lib/random-secrets.sh"
# shellcheck source=../lib/vault.sh
. "$here/../lib/vault.sh"
# shellcheck source=../lib/vault-keys.sh
. "$here/../lib/vault-keys.sh"

# push <path> <file>: both values meet in a pipe.
push() {
  local there
  there="$(vault_read "$1" | jq -c '.data.data.value // ""')"
  printf '%s\n' "$there" | jq -e --rawfile wanted "$2" '. == $wanted' >/dev/null ||
    jq -n --rawfile wanted "$2" '{data: {value: $wanted}}' | vault_write POST "$1" >/dev/null
}

main() {
  local deployment cluster values keyValueMount address namespace pod unsealCommand names path
  read_input deployment cluster values keyValueMount? address? namespace? pod? unsealCommand?
  deployment="$(open_deployment "$deployment")"
  names="$(printf '%s' "$values" | jq -r '[.[][]] | unique[]')"
  # shellcheck disable=SC2086 # a name is letters, digits and dashes
  make_secrets "$deployment" $names
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod"
  as_root "$deployment" "$cluster" "$unsealCommand"
  mount_engine sys/mounts "${keyValueMount:-kv}" '{"type":"kv","options":{"version":"2"}}' || true
  while IFS= read -r path; do
    push "${keyValueMount:-kv}/data/$path" "$(secret_file "$deployment" "${path##*/}")"
  done < <(printf '%s' "$values" | jq -r 'to_entries[] | .key as $folder | .value[] | "\($folder)/\(.)"')
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
