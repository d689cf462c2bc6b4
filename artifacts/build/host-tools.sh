#!/usr/bin/env bash
# Gathers the programs that Flotilla itself calls in one folder, as hard links.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, needs, settings: {tools: {program: artifact id}}}
set -euo pipefail

main() {
  local out links from to
  out=$(jq -er .out <<<"$INPUT")
  links=$(jq -er '.needs as $needs | .settings.tools | to_entries[] | "\($needs[.value])/\(.key)\t\(.key)"' <<<"$INPUT")
  while IFS=$'\t' read -r from to; do
    ln "$from" "$out/$to"
  done <<<"$links"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
