#!/usr/bin/env bash
# Prints as JSON those of the images that this node does not hold under that name with that digest: an asker, changes nothing.
#   INPUT {images: [{name, digest}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"

k8s() { ctr -n k8s.io "$@" </dev/null; }

# digests_of <name>: of the manifest or index that the name stands for, and of the configurations behind it.
digests_of() {
  local target manifest
  target="$(k8s images ls "name==$1" | awk -v name="$1" '$1 == name {print $3}')"
  [[ -n "$target" ]] || return 0
  printf '%s\n' "$target"
  for manifest in "$target" $(k8s content get "$target" | jq -r '.manifests[]?.digest'); do
    # An index names manifests of other platforms too, which nobody saved.
    k8s content get "$manifest" 2>/dev/null | jq -r '.config.digest // empty' || true
  done
}

main() {
  local images name digest held
  read_input images
  need ctr jq
  jq -r '.[] | "\(.name) \(.digest)"' <<<"$images" | while read -r name digest; do
    held="$(digests_of "$name" | tr '\n' ' ')"
    [[ " $held" == *" $digest "* ]] || printf '%s %s\n' "$name" "$digest"
  done | jq -Rsc '[split("\n")[] | select(. != "") | split(" ") | {name: .[0], digest: .[1]}]'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
