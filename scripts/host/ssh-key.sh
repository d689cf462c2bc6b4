#!/usr/bin/env bash
# Makes the deployment's SSH key. Safe to run twice: a key that is there stays.
#   INPUT {deployment}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"

main() {
  local deployment folder making
  read_input deployment
  need ssh-keygen
  deployment="$(open_deployment "$deployment")"
  folder="$deployment/secrets/ssh"
  umask 077
  mkdir -p "$folder"
  if [[ ! -s "$folder/id_ed25519" ]]; then
    making="$(mktemp -d "$folder/making.XXXXXX")"
    ssh-keygen -q -t ed25519 -N '' -C "flotilla $(basename "$deployment")" -f "$making/id_ed25519"
    # A power cut can keep the new name and lose the content.
    sync "$making/id_ed25519"
    mv "$making/id_ed25519" "$folder/id_ed25519"
  fi
  rm -rf "$folder"/making.*
  [[ -s "$folder/id_ed25519.pub" ]] || {
    ssh-keygen -y -f "$folder/id_ed25519" >"$folder/id_ed25519.pub.new"
    sync "$folder/id_ed25519.pub.new"
    mv "$folder/id_ed25519.pub.new" "$folder/id_ed25519.pub"
  }
  chmod 0600 "$folder/id_ed25519"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
