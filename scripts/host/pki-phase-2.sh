#!/usr/bin/env bash
# Phase 2 of the PKI: Vault signs anew what the issuer of phase 1 signed, without a moment in which the Secret is missing; then that issuer is deleted.
# Safe to run twice: what is done is not done again.
#   INPUT {deployment, cluster, issuer (of phase 1), successor, timeoutSeconds? (300)}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/pki-phases.sh
. "$here/../lib/pki-phases.sh"

# reissue <namespace> <certificate> <secret>: the other variables are main's. The object goes in the end, the Secret stays: the certificate that the fleet
# declares takes it over, and two certificates must not keep one Secret.
reissue() {
  local others
  others="$(other_certificates "$1" "$3")" || exit 1
  if [[ "$others" == '[]' ]]; then
    cluster_kubectl patch certificate "$2" --namespace "$1" --type=merge --patch "$(jq -nc --arg name "$successor" '{spec: {issuerRef: {$name}}}')" >&2 ||
      die "certificate $1/$2 cannot be given the issuer $successor" 'see why, above'
    issued_by "$1" "$2" "$3" "$successor" "$timeoutSeconds" || die "$successor has not issued certificate $1/$2 in $timeoutSeconds s; issuer $issuer stays" \
      "look further with: kubectl --kubeconfig $kubectl_config -n $1 describe certificaterequest"
  fi
  cluster_kubectl delete certificate "$2" --namespace "$1" --ignore-not-found >&2 || die "certificate $1/$2 cannot be deleted" 'see why, above'
}

main() {
  local deployment cluster issuer successor timeoutSeconds all foreign namespace certificate secret
  read_input deployment cluster issuer successor timeoutSeconds?
  timeoutSeconds="${timeoutSeconds:-300}"
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'create the cluster first: npx flotilla up'
  cluster_kubectl wait clusterissuer "$successor" --for=condition=Ready --timeout="${timeoutSeconds}s" >&2 ||
    die "issuer $successor is not ready in $timeoutSeconds s" "look further with: kubectl --kubeconfig $kubectl_config describe clusterissuer $successor"
  all="$(cluster_kubectl get certificates --all-namespaces --output=json)" || die 'certificates cannot be listed' 'see why, above'
  foreign="$(jq -r --arg issuer "$issuer" '[.items[] | select(.spec.issuerRef.name == $issuer and .metadata.labels["flotilla.dev/pki-phase"] != "1")
    | "\(.metadata.namespace)/\(.metadata.name)"] | join(", ")' <<<"$all")"
  [[ -z "$foreign" ]] || die "certificates still request issuer $issuer, which phase 2 deletes: $foreign" "give them the issuer $successor, then run the same command again"
  while read -r namespace certificate secret; do
    [[ -z "$namespace" ]] || reissue "$namespace" "$certificate" "$secret"
  done < <(jq -r '.items[] | select(.metadata.labels["flotilla.dev/pki-phase"] == "1") | "\(.metadata.namespace) \(.metadata.name) \(.spec.secretName)"' <<<"$all")
  cluster_kubectl delete clusterissuer "$issuer" --ignore-not-found >&2 || die "issuer $issuer cannot be deleted" 'see why, above'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
