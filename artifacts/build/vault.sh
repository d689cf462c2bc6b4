#!/usr/bin/env bash
# Builds Vault with Kubernetes auth from the pinned module into the output folder. Safe to run twice: the module is only read.
# With the tag "minimal": raft, pki, kv and transit are in it, the many clouds are not, which is half of the time and of the size. Kubernetes auth is put back
# by the main program of the module, in the version that this Vault would have built in.
# INPUT: {out, root, cache, cpus, settings: {source, programs: ["<import path>"]}}
set -euo pipefail

main() {
  local out root cache cpus source packages
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  cache=$(jq -er .cache <<<"$INPUT")
  cpus=$(jq -er .cpus <<<"$INPUT")
  source=$(jq -er .settings.source <<<"$INPUT")
  mapfile -t packages < <(jq -er '.settings.programs[]' <<<"$INPUT")
  export GOMODCACHE=$cache/go/mod GOCACHE=$cache/go/build GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
  # readonly: whatever go.mod and go.sum do not pin is an error, never a look-up.
  export GOFLAGS=-mod=readonly
  cd "$root/$source"
  go build -p "$cpus" -tags minimal -trimpath -buildvcs=false -ldflags '-s -w' -o "$out/" "${packages[@]}"
  ls -l "$out"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
