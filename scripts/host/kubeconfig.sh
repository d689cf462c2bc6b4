#!/usr/bin/env bash
# Brings a cluster's admin kubeconfig to kubeconfig/<cluster>, by the first control plane that is ready. Safe to run twice: an equal one stays untouched.
#   INPUT {deployment, cluster, controlPlanes: ["<node>"], apiName}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"
# shellcheck source=../lib/control-plane.sh
. "$here/../lib/control-plane.sh"

# The name in the certificate stays right when the address changes.
render() { # <cluster> <address> <apiName>; standard input: {config: admin.conf}
  jq -er --arg cluster "$1" --arg server "https://$2:6443" --arg name "$3" '
    .config.clusters[0].cluster as $c | .config.users[0].user as $u
    | "apiVersion: v1\nkind: Config\ncurrent-context: \($cluster)\nclusters:\n- name: \($cluster)\n  cluster:\n"
    + "    server: \($server)\n    tls-server-name: \($name)\n    certificate-authority-data: \($c["certificate-authority-data"] // error)\n"
    + "contexts:\n- name: \($cluster)\n  context:\n    cluster: \($cluster)\n    user: \($cluster)\n"
    + "users:\n- name: \($cluster)\n  user:\n    client-certificate-data: \($u["client-certificate-data"] // error)\n    client-key-data: \($u["client-key-data"] // error)"'
}

main() {
  local deployment cluster controlPlanes apiName node address fetched
  read_input deployment cluster controlPlanes apiName
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  # shellcheck source=../guest/admin-conf.sh
  fetched="$(on_control_plane "$deployment" 180 "$controlPlanes" guest/admin-conf.sh '{}' </dev/null)"
  node="$(printf '%s\n' "$fetched" | jq -er .node)"
  address="$(node_field "$deployment" "$node" address)"
  # A here-string is a file in $TMPDIR to older bash, and this is a key.
  fetched="$(printf '%s\n' "$fetched" | render "$cluster" "$address" "$apiName")" || die "the admin.conf of $node lacks a certificate or key"
  printf '%s\n' "$fetched" | write_file "$deployment/kubeconfig/$cluster" 0600 || exit 1
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
