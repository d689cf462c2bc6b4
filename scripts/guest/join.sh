#!/usr/bin/env bash
# Joins this node to its cluster. Safe to run twice: a half-done join is reset first (what it holds of etcd is a copy at most).
#   INPUT {join: JoinConfiguration without secrets, endpoint, admission?}; secret = {token, caCertHash, certificateKey?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  local join endpoint admission file
  read_input join endpoint 'admission?'
  [[ ! -e /var/lib/kubelet/config.yaml && ! -e /etc/kubernetes/kubelet.conf && ! -e /etc/kubernetes/manifests/etcd.yaml ]] || reset_node
  # kubeadm leaves it where etcd never started. Whoever sends this node to join has seen that the cluster lives on another one.
  rm -rf /var/lib/etcd
  write_admission "$admission"
  # The receiver's folder is memory and goes when this ends, also after a failure.
  file="$(dirname "$SECRET_FILE")/join.yaml"
  (umask 077 && jq --argjson join "$join" --arg endpoint "$endpoint" '. as $secret | $join
    | .discovery.bootstrapToken = {token: $secret.token, apiServerEndpoint: $endpoint, caCertHashes: [$secret.caCertHash]}
    | if $secret.certificateKey then .controlPlane.certificateKey = $secret.certificateKey else . end' "$SECRET_FILE" >"$file")
  # shellcheck disable=SC2046
  run_kubeadm join --config "$file" $(preflight_flags)
  mkdir -p "$(dirname "$join_mark")"
  : >"$join_mark"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
