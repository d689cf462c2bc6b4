#!/usr/bin/env bash
# Prints "joined <CA>", "half" or "none", where <CA> is the hash of the cluster's CA certificate: an asker, changes nothing but starts a kubelet that is off.
#   no INPUT
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  if [[ ! -e /etc/kubernetes/kubelet.conf && ! -e /var/lib/kubelet/config.yaml ]]; then
    echo none
  elif [[ -e "$join_mark" || -e "$init_mark" ]]; then
    systemctl is-active --quiet kubelet || systemctl restart kubelet
    wait_for 60 kubelet_healthy || die "the kubelet of $FLOTILLA_NODE has joined and is not healthy" 'see why, on the node: journalctl -u kubelet'
    ca_hash | sed 's/^/joined /'
  else
    echo half
  fi
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
