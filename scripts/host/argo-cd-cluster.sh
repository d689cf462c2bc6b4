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

# Argo CD makes whatever a repository names, so it may do everything.
account='[
  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "argocd-manager", "namespace": "kube-system"}},
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "argocd-manager"},
   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
   "subjects": [{"kind": "ServiceAccount", "name": "argocd-manager", "namespace": "kube-system"}]},
  {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
   "metadata": {"name": "argocd-manager", "namespace": "kube-system", "annotations": {"kubernetes.io/service-account.name": "argocd-manager"}}}
]'

# token_secret: prints the Secret with the account's token and its cluster's authority, as soon as Kubernetes has filled it.
token_secret() {
  local secret deadline=$((SECONDS + 60))
  printf '%s' "$account" | jq '{apiVersion: "v1", kind: "List", items: .}' | cluster_kubectl apply --server-side --field-manager=flotilla --filename - >/dev/null ||
    die "cluster $client does not take the account for Argo CD" 'what it said stands above'
  until secret="$(cluster_kubectl --namespace kube-system get secret argocd-manager --output json)" && printf '%s' "$secret" | jq -e '.data.token and .data["ca.crt"]' >/dev/null; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "cluster $client makes no token for kube-system/argocd-manager" 'is its controller manager at work: kubectl --namespace kube-system get pods'
    sleep 0.3
  done
  printf '%s\n' "$secret"
}

# registration; standard input: the Secret of token_secret. Prints the one that Argo CD reads.
registration() {
  jq -c --arg name "$client" --arg server "$server" --arg namespace "${namespace:-argocd}" --argjson labels "${labels:-{\}}" '
    {bearerToken: (.data.token | @base64d), tlsClientConfig: {caData: .data["ca.crt"]}} as $config
    | {apiVersion: "v1", kind: "Secret", type: "Opaque",
       metadata: {name: "cluster-\($name)", $namespace, labels: ($labels + {"argocd.argoproj.io/secret-type": "cluster"})},
       data: ({$name, $server, config: ($config | tojson)} | map_values(@base64))}'
}

main() {
  local deployment cluster client server namespace labels secret
  read_input deployment cluster client server 'namespace?' 'labels?'
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$client"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$client\": $kubectl_config" 'raise the cluster first: npm start'
  secret="$(token_secret)"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'raise the cluster first: npm start'
  printf '%s' "$secret" | registration | cluster_kubectl apply --server-side --force-conflicts --field-manager=flotilla --filename - >/dev/null ||
    die "cluster $cluster does not take the registration of $client" 'what it said stands above'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
