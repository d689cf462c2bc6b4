#!/usr/bin/env bash
# Builds the pause program: static C, the first process of every pod.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root}
set -euo pipefail

main() {
  local out root
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  gcc -static -Os -s -Wall -Werror -o "$out/pause" "$root/offline/sources/pause/pause.c"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
