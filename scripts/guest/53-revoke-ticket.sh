#!/usr/bin/env bash
# On a control plane: deletes the token of a join. Safe to run twice: one that is gone is fine.
#   no INPUT; secret = {token}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

main() {
  local id
  # The part before the dot is the token's public name.
  id="$(jq -r '.token | split(".")[0]' "$SECRET_FILE")"
  admin -n kube-system delete secret "bootstrap-token-$id" --ignore-not-found --wait=false >/dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
