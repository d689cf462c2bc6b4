#!/usr/bin/env bash
# On a control plane: gives CoreDNS its Corefile. Safe to run twice: an equal one is not written. CoreDNS' plugin "reload" takes it within 30 s.
#   INPUT {corefile}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  local corefile before
  read_input corefile
  ready_or_next
  before="$(admin -n kube-system get configmap coredns -o json)" || die 'there is no ConfigMap kube-system/coredns' 'run init.sh first'
  [[ "$(jq -r .data.Corefile <<<"$before")" != "$corefile" ]] || return 0
  jq -n --arg corefile "$corefile" '{data: {Corefile: $corefile}}' |
    admin -n kube-system patch configmap coredns --type merge --patch-file /dev/stdin >/dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
