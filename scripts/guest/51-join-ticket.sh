#!/usr/bin/env bash
# On a control plane: prints what a joining node needs, a JSON {token, caCertHash, certificateKey?}. Safe to run twice: each run makes a fresh, short-lived one.
#   INPUT {node, role}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

ca_cert_hash() {
  openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum | sed 's/^\([0-9a-f]*\).*/sha256:\1/'
}

# upload_certificates: prints the fresh key under which they now lie in the cluster for two hours.
upload_certificates() {
  kubeadm init phase upload-certs --upload-certs --config /etc/kubernetes/flotilla/kubeadm.yaml 2>/dev/null | tail -n 1
}

# Until the controller manager signed for this token, kubeadm join sleeps five seconds at a time.
wait_signed() { # <public part of the token>
  admin --namespace kube-public wait configmap/cluster-info --for=jsonpath="{.data.jws-kubeconfig-$1}" --timeout=60s >/dev/null 2>&1 ||
    log "note: nobody signed cluster-info for the join of $FLOTILLA_NODE in 60 s: is the controller manager up?"
}

main() {
  local node role token hash key=
  read_input node role
  wait_for 60 api_ready || die "the API server of $FLOTILLA_NODE is not ready" 'boot the control plane first'
  # Left from a machine that vanished: kubeadm refuses to join under the name of a node that looks ready.
  admin delete node "$node" --ignore-not-found --wait=false >/dev/null
  token="$(kubeadm token create --kubeconfig "$admin_conf" --ttl 15m --description "flotilla: $node")"
  wait_signed "${token%%.*}"
  hash="$(ca_cert_hash)"
  [[ "$role" != control-plane ]] || key="$(upload_certificates)"
  printf '%s\n%s\n%s\n' "$token" "$hash" "$key" |
    jq -Rsc 'split("\n") | {token: .[0], caCertHash: .[1]} + if .[2] == "" then {} else {certificateKey: .[2]} end'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
