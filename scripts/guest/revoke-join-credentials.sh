#!/usr/bin/env bash
# On a control plane: deletes the token of a join, and the certificates that were laid down for it. Safe to run twice: one that is gone is fine.
#   no INPUT; secret = {token, certificateKey?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  local id
  ready_or_next
  # The part before the dot is the token's public name.
  id="$(jq -r '.token | split(".")[0]' "$SECRET_FILE")"
  admin -n kube-system delete secret "bootstrap-token-$id" --ignore-not-found --wait=false >/dev/null
  jq -e .certificateKey "$SECRET_FILE" >/dev/null || return 0
  # Owned by a token that does nothing but time its end.
  id="$(admin -n kube-system get secret kubeadm-certs --ignore-not-found --output jsonpath='{.metadata.ownerReferences[*].name}')"
  # shellcheck disable=SC2086
  admin -n kube-system delete secret kubeadm-certs $id --ignore-not-found --wait=false >/dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
