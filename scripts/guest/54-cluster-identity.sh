#!/usr/bin/env bash
# On a control plane: prints the hash of the cluster's CA certificate, by which a node knows whether it joined this cluster. Safe to run twice: an asker.
#   no INPUT
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  [[ -r /etc/kubernetes/pki/ca.crt ]] || die "$FLOTILLA_NODE has no CA certificate" 'it is no control plane yet: npm start'
  ca_hash
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
