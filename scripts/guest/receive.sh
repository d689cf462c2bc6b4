#!/usr/bin/env bash
# The command that SSH starts on a node: takes INPUT, a secret and the scripts from standard input and runs one. Safe to run twice: one runs at a time.
#   no INPUT; standard input = "<script> <node>", INPUT, secret in base64 (one line each), then a tar of lib/ and guest/
set -euo pipefail

main() {
  local script work secret
  read -r script FLOTILLA_NODE
  read -r INPUT
  read -r secret
  # /run is memory: neither input nor secret ever reaches a disk.
  work="$(mktemp -d /run/flotilla.XXXXXX)"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  (umask 077 && printf '%s' "$secret" | base64 -d >"$work/secret")
  tar -x -C "$work"
  # A run whose SSH connection died may still be at work.
  exec 9>/run/flotilla.lock
  flock -w 300 9 || {
    echo "error: another script has been running on this node for 300 s; look with: ps -ef" >&2
    return 1
  }
  export INPUT FLOTILLA_NODE SECRET_FILE="$work/secret"
  bash "$work/$script" </dev/null 9>&-
}

# Started as text, not as a file, it has no BASH_SOURCE.
[[ "${BASH_SOURCE[0]:-$0}" != "$0" ]] || main "$@"
