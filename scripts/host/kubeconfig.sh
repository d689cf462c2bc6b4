#!/usr/bin/env bash
# Brings a cluster's admin kubeconfig to kubeconfig/<cluster>. Safe to run twice: an equal one stays untouched.
#   INPUT {deployment, cluster, node, address, apiName}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"

# The name in the certificate stays right when the address changes.
render() { # <cluster> <address> <apiName>; standard input: admin.conf as JSON
  jq -er --arg cluster "$1" --arg server "https://$2:6443" --arg name "$3" '
    .clusters[0].cluster as $c | .users[0].user as $u
    | "apiVersion: v1\nkind: Config\ncurrent-context: \($cluster)\nclusters:\n- name: \($cluster)\n  cluster:\n"
    + "    server: \($server)\n    tls-server-name: \($name)\n    certificate-authority-data: \($c["certificate-authority-data"] // error)\n"
    + "contexts:\n- name: \($cluster)\n  context:\n    cluster: \($cluster)\n    user: \($cluster)\n"
    + "users:\n- name: \($cluster)\n  user:\n    client-certificate-data: \($u["client-certificate-data"] // error)\n    client-key-data: \($u["client-key-data"] // error)"'
}

main() {
  local deployment cluster node address apiName fetched
  read_input deployment cluster node address apiName
  need ssh jq
  deployment="$(open_deployment "$deployment")"
  fetched="$(node_ssh "$deployment" "$node" kubectl --kubeconfig /etc/kubernetes/admin.conf config view --raw --output json </dev/null)" ||
    die "$node gives no admin.conf" 'is the cluster up? npx flotilla status'
  fetched="$(printf '%s' "$fetched" | render "$cluster" "$address" "$apiName")" || die "the admin.conf of $node lacks a certificate or key"
  printf '%s\n' "$fetched" | write_file "$deployment/kubeconfig/$cluster" 0600 || true
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
