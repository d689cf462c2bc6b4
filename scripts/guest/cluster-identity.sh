#!/usr/bin/env bash
# On a control plane that is ready: prints "<node> <hash of the cluster's CA certificate> <members of its etcd …>". Exit code 4: it has no cluster, 3: it has one
# and is not ready. Safe to run twice: an asker.
#   no INPUT
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  [[ -e "$admin_conf" || -e /var/lib/etcd/member ]] || exit 4
  [[ -e "$admin_conf" ]] && wait_for 5 api_ready || exit 3
  printf '%s %s %s\n' "$FLOTILLA_NODE" "$(ca_hash)" "$(etcd_members | jq -r '[.members[].name // empty | select(. != "")] | join(" ")')"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
