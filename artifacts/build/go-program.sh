#!/usr/bin/env bash
# Builds Go programs from a pinned module in offline/sources into the output folder.
# Safe to run twice: the module is only read, Go's caches live below the cache folder.
# INPUT: {out, root, cache, cpus, settings: {source, programs: [{import, name}], variables}}
set -euo pipefail

main() {
  local out root cache cpus source flags packages renames from to
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  cache=$(jq -er .cache <<<"$INPUT")
  cpus=$(jq -er .cpus <<<"$INPUT")
  source=$(jq -er .settings.source <<<"$INPUT")
  flags=$(jq -er '["-s -w"] + (.settings.variables // {} | to_entries | map("-X " + .key + "=" + .value)) | join(" ")' <<<"$INPUT")
  mapfile -t packages < <(jq -er '.settings.programs[].import' <<<"$INPUT")
  # Go names a program after the last part of its path that is not a major version.
  mapfile -t renames < <(jq -r '.settings.programs[] | select(.name) | (.import | sub("/v[0-9]+$"; "") | sub(".*/"; "")) + " " + .name' <<<"$INPUT")

  export GOMODCACHE=$cache/go/mod GOCACHE=$cache/go/build GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
  # readonly: whatever go.mod and go.sum do not pin is an error, never a look-up.
  export GOFLAGS=-mod=readonly
  cd "$root/$source"
  go build -p "$cpus" -trimpath -buildvcs=false -ldflags "$flags" -o "$out/" "${packages[@]}"
  for pair in "${renames[@]}"; do
    read -r from to <<<"$pair"
    mv "$out/$from" "$out/$to"
  done
  ls -l "$out"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
