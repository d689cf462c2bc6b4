#!/usr/bin/env bash
# On a control plane: prints what a joining node needs, a JSON {token, caCertHash, certificateKey?}. Safe to run twice: each run makes a fresh, short-lived one.
#   INPUT {node, address, role}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

ca_cert_hash() {
  openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum | sed 's/^\([0-9a-f]*\).*/sha256:\1/'
}

# upload_certificates: prints the fresh key under which they now lie in the cluster for two hours. It goes from file to file, so that it is on no command line.
upload_certificates() {
  local work
  work="$(dirname "$SECRET_FILE")"
  (umask 077 && openssl rand -hex 32 >"$work/key")
  # Told its version, kubeadm does not ask the internet for the latest one.
  (umask 077 && jq -Rr --arg version "$(kubeadm version --output short)" '{apiVersion: "kubeadm.k8s.io/v1beta4"} as $api
    | ($api + {kind: "InitConfiguration", certificateKey: .}), ($api + {kind: "ClusterConfiguration", kubernetesVersion: $version}) | "---", tojson' \
    "$work/key" >"$work/upload.yaml")
  kubeadm init phase upload-certs --upload-certs --config "$work/upload.yaml" --kubeconfig "$(own_conf)" >/dev/null
  cat "$work/key"
}

# make_room <node> <address>: a member that is gone counts for the quorum, and kubeadm asks every etcd that a pod object tells of.
make_room() {
  local pod
  remove_member "$1" "$2"
  wait_for 30 api_ready || exit 3
  admin delete node "$1" --ignore-not-found --wait=false >/dev/null
  for pod in $({
    admin get nodes --output json
    admin --namespace kube-system get pods --selector tier=control-plane --output json
  } | jq -rs '[.[0].items[].metadata.name] as $nodes | .[1].items[] | select(.spec.nodeName | IN($nodes[]) | not) | .metadata.name'); do
    admin --namespace kube-system delete pod "$pod" --force --grace-period=0 --ignore-not-found >/dev/null 2>&1
  done
}

# Until the controller manager signed for this token, kubeadm join sleeps five seconds at a time.
wait_signed() { # <public part of the token>
  admin --namespace kube-public wait configmap/cluster-info --for=jsonpath="{.data.jws-kubeconfig-$1}" --timeout=60s >/dev/null 2>&1 ||
    log "note: nobody signed cluster-info for the join of $FLOTILLA_NODE in 60 s: is the controller manager up?"
}

main() {
  local node address role token hash key=
  read_input node address role
  ready_or_next
  # Left from a machine that vanished: kubeadm refuses to join under the name of a node that looks ready.
  if [[ "$role" == control-plane ]]; then make_room "$node" "$address"; else admin delete node "$node" --ignore-not-found --wait=false >/dev/null; fi
  token="$(kubeadm token create --kubeconfig "$(own_conf)" --ttl 15m --description "flotilla: $node")"
  wait_signed "${token%%.*}"
  hash="$(ca_cert_hash)"
  [[ "$role" != control-plane ]] || key="$(upload_certificates)"
  printf '%s\n%s\n%s\n' "$token" "$hash" "$key" |
    jq -Rsc 'split("\n") | {token: .[0], caCertHash: .[1]} + if .[2] == "" then {} else {certificateKey: .[2]} end'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
