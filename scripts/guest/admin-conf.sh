#!/usr/bin/env bash
# On a control plane that is ready: prints {node, config: admin.conf as JSON}. Exit codes 3 and 4 as cluster-identity.sh. Safe to run twice: an asker.
#   no INPUT
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  ready_or_next
  # By standard input and output: an administrator's key is on no command line.
  kubectl --kubeconfig "$admin_conf" config view --raw --output json | jq -c --arg node "$FLOTILLA_NODE" '{$node, config: .}'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
