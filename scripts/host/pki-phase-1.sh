#!/usr/bin/env bash
# Phase 1 of the PKI: a self-signed issuer and a certificate of it, so that the gateway speaks HTTPS before Vault can sign. Safe to run twice: once the issuer
# of phase 2 exists, nothing is made any more.
#   INPUT {deployment, cluster, issuer, successor (the issuer of phase 2), namespace, certificate, secretName, dnsNames: […], timeoutSeconds? (120)}
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

# The label marks what phase 2 takes over; the admission policy of pki-bootstrap lets no other certificate use the issuer.
issuer_object() { jq -nc --arg name "$1" '{apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: {name: $name}, spec: {selfSigned: {}}}'; }

certificate_object() { # the variables are main's
  jq -nc --arg name "$certificate" --arg namespace "$namespace" --arg secret "$secretName" --arg issuer "$issuer" --argjson names "$dnsNames" '
    {apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: {name: $name, $namespace, labels: {"flotilla.dev/pki-phase": "1"}},
     spec: {secretName: $secret, issuerRef: {name: $issuer, kind: "ClusterIssuer", group: "cert-manager.io"}, commonName: $names[0], dnsNames: $names,
       duration: "720h", privateKey: {algorithm: "ECDSA", size: 256, rotationPolicy: "Always"}}}'
}

main() {
  local deployment cluster issuer successor namespace certificate secretName dnsNames timeoutSeconds others
  read_input deployment cluster issuer successor namespace certificate secretName dnsNames timeoutSeconds?
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'create the cluster first: npx flotilla up'
  if exists clusterissuer "$successor"; then
    log "issuer $successor exists: phase 1 is over"
    return 0
  fi
  issuer_object "$issuer" | cluster_kubectl apply -f - >&2 || die "issuer $issuer cannot be created in cluster $cluster" 'see why, above'
  exists namespace "$namespace" || {
    log "cluster $cluster has no namespace $namespace, so nothing needs a certificate yet"
    return 0
  }
  others="$(other_certificates "$namespace" "$secretName")" || exit 1
  [[ "$others" == '[]' ]] || {
    log "another certificate already keeps the Secret $namespace/$secretName: $others"
    return 0
  }
  certificate_object | cluster_kubectl apply -f - >&2 || die "certificate $namespace/$certificate cannot be created in cluster $cluster" 'see why, above'
  issued_by "$namespace" "$certificate" "$secretName" "$issuer" "${timeoutSeconds:-120}" ||
    die "issuer $issuer has not issued certificate $namespace/$certificate in ${timeoutSeconds:-120} s" \
      "look further with: kubectl --kubeconfig $kubectl_config -n $namespace describe certificate $certificate"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
