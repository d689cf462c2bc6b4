#!/bin/sh
# Adds one line per start of the pod to a file on each volume, then sleeps. A second start adds a line and loses none.
#   Environment: POD, POD_UID, NODE
set -eu

main() {
  started="$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  for volume in /ledger/*; do
    printf '%s %s %s %s\n' "$started" "$POD" "$POD_UID" "$NODE" >>"$volume/ledger.txt"
  done
  sync
  # The first process of a container ignores signals that it does not handle.
  trap 'exit 0' TERM INT
  while :; do
    sleep 3600 &
    wait $!
  done
}

main "$@"
