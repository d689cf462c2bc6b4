#!/usr/bin/env bash
# Lets service accounts of one cluster log in to Vault: an auth mount for that cluster, which asks its API server who a token belongs to, and roles.
# Safe to run twice: what is there becomes what INPUT says; a role that INPUT does not name stays.
#   INPUT {deployment, cluster (where Vault is), client (the cluster whose accounts log in), kubernetesHost (its API as Vault's pod calls it),
#     mount? ("kubernetes-<client>"), roles: [{name, serviceAccounts: […], namespaces: […], audience, policies: […], ttlSeconds}],
#     address?, namespace?, pod?, unsealCommand?}
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
# shellcheck source=../lib/service-account.sh
. "$here/../lib/service-account.sh"
# shellcheck source=../lib/vault.sh
. "$here/../lib/vault.sh"
# shellcheck source=../lib/vault-keys.sh
. "$here/../lib/vault-keys.sh"

main() {
  local deployment cluster client kubernetesHost mount roles address namespace pod unsealCommand reviewer lines role name
  read_input deployment cluster client kubernetesHost mount? roles address? namespace? pod? unsealCommand?
  mount="${mount:-kubernetes-$client}"
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$client"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$client\": $kubectl_config" 'raise the cluster first: npm start'
  # What Vault shows to the client's API server when it asks whose a token is. Vault's own account would do for its own cluster only, and the token that wants
  # in is no good there: its audience is Vault.
  reviewer="$(lasting_account "$client" vault-reviewer system:auth-delegator)"
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod"
  as_root "$deployment" "$cluster" "$unsealCommand"
  mount_engine sys/auth "$mount" '{"type":"kubernetes"}' || true
  printf '%s' "$reviewer" | jq -c --arg host "$kubernetesHost" '{kubernetes_host: $host, kubernetes_ca_cert: (.data["ca.crt"] | @base64d),
    token_reviewer_jwt: (.data.token | @base64d), disable_local_ca_jwt: true}' |
    vault_write POST "auth/$mount/config" >/dev/null
  lines="$(printf '%s' "$roles" | jq -c '.[]')"
  while IFS= read -r role; do
    name="$(printf '%s' "$role" | jq -er .name)"
    printf '%s' "$role" | jq '{bound_service_account_names: .serviceAccounts, bound_service_account_namespaces: .namespaces, audience, token_policies: .policies,
      token_ttl: .ttlSeconds, token_max_ttl: .ttlSeconds}' | vault_write POST "auth/$mount/role/$name" >/dev/null
  done < <(printf '%s\n' "$lines")
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
