# shellcheck shell=bash
# What the two phases of the PKI share. Works on bash 3.2. Wants input.sh and kubectl.sh.

# exists <kind> <name>: false only where the API server answers that there is none; an API server that does not answer ends the script.
exists() {
  local found
  found="$(cluster_kubectl get "$1" "$2" --ignore-not-found --output=name)" || die "the API server does not tell whether $1 $2 exists" 'see why, above'
  [[ -n "$found" ]]
}

# other_certificates <namespace> <secret>: prints the names of the certificates that keep that Secret and are not phase 1's, as JSON.
other_certificates() {
  cluster_kubectl get certificates --namespace "$1" --output=json | jq -c --arg secret "$2" \
    '[.items[] | select(.spec.secretName == $secret and .metadata.labels["flotilla.dev/pki-phase"] != "1") | .metadata.name]' ||
    die "certificates of namespace $1 cannot be listed" 'see why, above'
}

# A stub chart of cert-manager (artifacts/stand-in-chart) has its definitions, marked, and nothing that signs.
signs_nothing() {
  local mark
  mark="$(cluster_kubectl get customresourcedefinition certificates.cert-manager.io --output='jsonpath={.metadata.annotations.flotilla\.dev/stand-in}')" ||
    die 'the definition of certificates cannot be read' 'see why, above'
  [[ "$mark" == true ]]
}

# issued_by <namespace> <certificate> <secret> <issuer> <seconds>: waits until the Secret holds what the issuer signed. The certificate's condition Ready alone
# does not tell: it still speaks of the issuer before.
issued_by() {
  local deadline=$((SECONDS + $5)) signer
  if signs_nothing; then
    log "cert-manager is a stub here: nothing signs certificate $1/$2"
    return 0
  fi
  while [[ "$SECONDS" -lt "$deadline" ]]; do
    signer="$(cluster_kubectl get secret "$3" --namespace "$1" --ignore-not-found --output='jsonpath={.metadata.annotations.cert-manager\.io/issuer-name}')" || return 1
    if [[ "$signer" == "$4" ]] && cluster_kubectl wait certificate "$2" --namespace "$1" --for=condition=Ready --timeout=5s >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  return 1
}
