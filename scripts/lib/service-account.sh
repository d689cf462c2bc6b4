# shellcheck shell=bash
# An account of a cluster by which others call its API: without end, unlike the tokens that pods get. Works on bash 3.2. Wants input.sh and kubectl.sh, with the
# cluster chosen.

account_objects() { # <account> <cluster role>
  jq -nc --arg name "$1" --arg role "$2" '{name: $name, namespace: "kube-system"} as $there | {apiVersion: "v1", kind: "List", items: [
    {apiVersion: "v1", kind: "ServiceAccount", metadata: $there},
    {apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: {$name},
     roleRef: {apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: $role}, subjects: [$there + {kind: "ServiceAccount"}]},
    {apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token",
     metadata: ($there + {annotations: {"kubernetes.io/service-account.name": $name}})}]}'
}

# lasting_account <cluster> <account> <cluster role>: makes it in kube-system and prints the Secret with its token and the cluster's authority, as soon as
# Kubernetes has filled it, for at most 60 s.
lasting_account() {
  local secret deadline=$((SECONDS + 60))
  account_objects "$2" "$3" | cluster_kubectl apply --server-side --force-conflicts --field-manager=flotilla --filename - >/dev/null ||
    die "cluster $1 does not take the account $2" 'what it said stands above'
  until secret="$(cluster_kubectl --namespace kube-system get secret "$2" --output json)" &&
    printf '%s' "$secret" | jq -e '.data.token and .data["ca.crt"]' >/dev/null; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "cluster $1 makes no token for kube-system/$2" 'is its controller manager at work: kubectl --namespace kube-system get pods'
    sleep 0.3
  done
  printf '%s\n' "$secret"
}
