#!/usr/bin/env bash
# Lets Argo CD manage another cluster: an account there, and a Secret with its token where Argo CD is. Safe to run twice: the account stays, the Secret becomes
# what the account's token and the other cluster's authority are.
#   INPUT {deployment, cluster (where Argo CD is), client (the cluster to be managed), server (its API as Argo CD's pods call it), namespace? ("argocd"),
#     labels?: {<name>: <value>} (by which ApplicationSets find it)}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/service-account.sh
. "$here/../lib/service-account.sh"

# registration; standard input: the Secret of lasting_account. Prints the one that Argo CD reads.
registration() {
  jq -c --arg name "$client" --arg server "$server" --arg namespace "${namespace:-argocd}" --argjson labels "${labels:-null}" '
    {bearerToken: (.data.token | @base64d), tlsClientConfig: {caData: .data["ca.crt"]}} as $config
    | {apiVersion: "v1", kind: "Secret", type: "Opaque",
       metadata: {name: "cluster-\($name)", $namespace, labels: (($labels // {}) + {"argocd.argoproj.io/secret-type": "cluster"})},
       data: ({$name, $server, config: ($config | tojson)} | map_values(@base64))}'
}

main() {
  local deployment cluster client server namespace labels secret
  read_input deployment cluster client server 'namespace?' 'labels?'
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$client"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$client\": $kubectl_config" 'raise the cluster first: npm start'
  # Argo CD makes whatever a repository names, so it may do everything.
  secret="$(lasting_account "$client" argocd-manager cluster-admin)"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'raise the cluster first: npm start'
  printf '%s' "$secret" | registration | cluster_kubectl apply --server-side --force-conflicts --field-manager=flotilla --filename - >/dev/null ||
    die "cluster $cluster does not take the registration of $client" 'what it said stands above'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
