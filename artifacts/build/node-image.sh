#!/usr/bin/env bash
# Makes the node image through artifacts/node-image/build.sh.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root, needs}
set -euo pipefail

main() {
  local out root
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  KUBERNETES_BIN=$(jq -er .needs.kubernetes <<<"$INPUT")
  CNI_BIN=$(jq -er '.needs["cni-plugins"]' <<<"$INPUT")
  ETCD_BIN=$(jq -er .needs.etcd <<<"$INPUT")
  export KUBERNETES_BIN CNI_BIN ETCD_BIN
  bash "$root/artifacts/node-image/build.sh" "$out"
  [[ -d "$out/rootfs/usr" && -s "$out/digest" ]] || {
    echo "node-image/build.sh ended well but left no rootfs/ or digest in $out: it must write both" >&2
    exit 1
  }
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
