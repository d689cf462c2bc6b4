#!/usr/bin/env bash
# Makes the node image through artifacts/node-image/build.sh, with official programs in place of those that are built here.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root, needs}
set -euo pipefail

main() {
  local out root
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  KUBERNETES_BIN=$(jq -er '.needs["official-kubernetes"]' <<<"$INPUT")
  CNI_BIN=$(jq -er '.needs["official-cni-plugins"]' <<<"$INPUT")
  export KUBERNETES_BIN CNI_BIN
  bash "$root/artifacts/node-image/build.sh" "$out"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
