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
# shellcheck source=../lib/vault.sh
. "$here/../lib/vault.sh"
# shellcheck source=../lib/vault-keys.sh
. "$here/../lib/vault-keys.sh"

# What Vault shows to the client's API server when it asks whose a token is. Vault's own account would do for its own cluster only, and the token that wants
# in is no good there: its audience is Vault.
reviewer='[
  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "vault-reviewer", "namespace": "kube-system"}},
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "vault-reviewer"},
   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:auth-delegator"},
   "subjects": [{"kind": "ServiceAccount", "name": "vault-reviewer", "namespace": "kube-system"}]},
  {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
   "metadata": {"name": "vault-reviewer", "namespace": "kube-system", "annotations": {"kubernetes.io/service-account.name": "vault-reviewer"}}}
]'

# reviewer_token: prints it in base64, as soon as Kubernetes has made it.
reviewer_token() {
  local token='' deadline=$((SECONDS + 60))
  printf '%s' "$reviewer" | jq '{apiVersion: "v1", kind: "List", items: .}' | cluster_kubectl apply --filename - >/dev/null ||
    die "cluster $client does not take the account by which Vault asks it" 'what it said stands above'
  until token="$(cluster_kubectl --namespace kube-system get secret vault-reviewer --output 'jsonpath={.data.token}')" && [[ -n "$token" ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "cluster $client makes no token for kube-system/vault-reviewer" 'is its controller manager at work: kubectl --namespace kube-system get pods'
    sleep 0.3
  done
  printf '%s' "$token"
}

client_authority() {
  cluster_kubectl config view --raw --output json | jq -er '.clusters[0].cluster["certificate-authority-data"] | @base64d'
}

main() {
  local deployment cluster client kubernetesHost mount roles address namespace pod unsealCommand token authority lines role name
  read_input deployment cluster client kubernetesHost mount? roles address? namespace? pod? unsealCommand?
  mount="${mount:-kubernetes-$client}"
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$client"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$client\": $kubectl_config" 'raise the cluster first: npm start'
  token="$(reviewer_token)"
  authority="$(client_authority)"
  open_vault "$deployment" "$cluster" "$address" "$namespace" "$pod"
  as_root "$deployment" "$cluster" "$unsealCommand"
  mount_engine sys/auth "$mount" '{"type":"kubernetes"}' || true
  printf '%s' "$token" | jq -Rc --arg host "$kubernetesHost" --arg authority "$authority" \
    '{kubernetes_host: $host, kubernetes_ca_cert: $authority, token_reviewer_jwt: @base64d, disable_local_ca_jwt: true}' |
    vault_write POST "auth/$mount/config" >/dev/null
  lines="$(printf '%s' "$roles" | jq -c '.[]')"
  while IFS= read -r role; do
    name="$(printf '%s' "$role" | jq -er .name)"
    printf '%s' "$role" | jq '{bound_service_account_names: .serviceAccounts, bound_service_account_namespaces: .namespaces, audience, token_policies: .policies,
      token_ttl: .ttlSeconds, token_max_ttl: .ttlSeconds}' | vault_write POST "auth/$mount/role/$name" >/dev/null
  done < <(printf '%s\n' "$lines")
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
