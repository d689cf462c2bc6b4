#!/usr/bin/env bash
# The fleet's certificate authority in Vault: a root, an intermediate that it signed, a role by which cert-manager has certificates signed, and the chain in
# a file for people. Safe to run twice: authorities that are there stay, the role becomes what INPUT says.
#   INPUT {deployment, cluster, name (of the authority), role, allowedDomains: ["<domain>", …], rootMount? ("pki"), intermediateMount? ("pki_int"),
#     rootHours? (87600), intermediateHours? (43800), maxHours? (720), hours? (168), address?, namespace?, pod?, unsealCommand?}
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

# ensure_mount <mount> <hours>: hours are the most that anything below it may live.
ensure_mount() {
  local lease seconds=$(($2 * 3600))
  ! mount_engine sys/mounts "$1" "{\"type\":\"pki\",\"config\":{\"max_lease_ttl\":\"${2}h\"}}" || return 0
  lease="$(vault_read "sys/mounts/$1/tune")"
  [[ "$(printf '%s' "$lease" | jq .max_lease_ttl)" -eq "$seconds" ]] || printf '{"max_lease_ttl":"%sh"}' "$2" | vault_write POST "sys/mounts/$1/tune" >/dev/null
}

# issuer_with_key <mount>: the id of the authority there that can sign, or nothing. Beside it there may be the root's certificate, for the chain.
issuer_with_key() {
  vault_read "$1/issuers?list=true" | jq -r 'first(.data // {} | .keys[]? as $id | select(.key_info[$id].key_id != "") | $id) // empty'
}

# name_issuer <mount> <id> <name>: a run that was killed may have left it without; and the first of a mount is its default by chance only.
name_issuer() {
  local issuer default
  issuer="$(vault_read "$1/issuer/$2")"
  [[ "$(printf '%s' "$issuer" | jq -r .data.issuer_name)" == "$3" ]] || jq -n --arg name "$3" '{issuer_name: $name}' | vault_write POST "$1/issuer/$2" >/dev/null
  default="$(vault_read "$1/config/issuers" | jq -r .data.default)"
  [[ "$default" == "$2" ]] ||
    jq -n --arg id "$2" '{default: $id}' | vault_write POST "$1/config/issuers" >/dev/null
}

ensure_root() {
  local issuer
  issuer="$(issuer_with_key "$rootMount")"
  [[ -n "$issuer" ]] || issuer="$(jq -n --arg name "$name root" --arg ttl "${rootHours}h" \
    '{common_name: $name, issuer_name: "root", ttl: $ttl, key_type: "ec", key_bits: 256}' |
    vault_write POST "$rootMount/root/generate/internal" | jq -er .data.issuer_id)"
  name_issuer "$rootMount" "$issuer" root
}

# The key is made in Vault and never leaves it. A run that is killed between its two halves leaves a key without certificate, which nothing uses.
ensure_intermediate() {
  local issuer request signed
  issuer="$(issuer_with_key "$intermediateMount")"
  if [[ -z "$issuer" ]]; then
    request="$(jq -n --arg name "$name intermediate" '{common_name: $name, key_type: "ec", key_bits: 256}' |
      vault_write POST "$intermediateMount/intermediate/generate/internal")"
    signed="$(printf '%s' "$request" | jq --arg name "$name intermediate" --arg ttl "${intermediateHours}h" \
      '{csr: .data.csr, common_name: $name, ttl: $ttl, max_path_length: 0}' |
      vault_write POST "$rootMount/issuer/root/sign-intermediate")"
    # With the root, so that whoever gets a certificate gets the whole chain with it.
    printf '%s' "$signed" | jq '{certificate: ([.data.certificate, .data.issuing_ca] | map(rtrimstr("\n")) | join("\n"))}' |
      vault_write POST "$intermediateMount/intermediate/set-signed" >/dev/null
    issuer="$(issuer_with_key "$intermediateMount")"
  fi
  name_issuer "$intermediateMount" "$issuer" intermediate
}

# key_type any: requests of cert-manager bring keys of their own, and the default refuses all but RSA. No common name: cert-manager sends none.
ensure_role() {
  jq -n --argjson domains "$allowedDomains" --arg ttl "${hours}h" --arg most "${maxHours}h" \
    '{allowed_domains: $domains, allow_subdomains: true, allow_bare_domains: true, allow_ip_sans: false, allow_localhost: false,
      require_cn: false, key_type: "any", ttl: $ttl, max_ttl: $most}' | vault_write POST "$intermediateMount/roles/$role" >/dev/null
  # Certificates live for days and would pile up for good.
  printf '{"enabled":true,"interval_duration":"12h","tidy_cert_store":true,"tidy_revoked_certs":true}' |
    vault_write POST "$intermediateMount/config/auto-tidy" >/dev/null
}

main() {
  local deployment cluster name role allowedDomains rootMount intermediateMount rootHours intermediateHours maxHours hours address namespace pod unsealCommand
  read_input deployment cluster name role allowedDomains rootMount? intermediateMount? rootHours? intermediateHours? maxHours? hours? address? namespace? pod? \
    unsealCommand?
  rootMount="${rootMount:-pki}" intermediateMount="${intermediateMount:-pki_int}"
  rootHours="${rootHours:-87600}" intermediateHours="${intermediateHours:-43800}" maxHours="${maxHours:-720}" hours="${hours:-168}"
  deployment="$(open_deployment "$deployment")"
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod"
  as_root "$deployment" "$cluster" "$unsealCommand"
  ensure_mount "$rootMount" "$rootHours"
  ensure_root
  ensure_mount "$intermediateMount" "$intermediateHours"
  ensure_intermediate
  ensure_role
  vault_read "$intermediateMount/issuer/intermediate" | jq -er '.data.ca_chain | map(rtrimstr("\n")) | join("\n")' |
    write_file "$deployment/pki/$cluster-chain.pem" 0644 || exit 1
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
