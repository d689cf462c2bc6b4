#!/bin/sh
# Writes a page that says who answers, then serves it. Safe to run twice.
#   Environment: CLUSTER, POD, NODE
set -eu

main() {
  printf 'cluster=%s pod=%s node=%s\n' "$CLUSTER" "$POD" "$NODE" >/www/index.html
  # The first process of a container ignores signals that it does not handle.
  trap 'kill "$server"' TERM INT
  httpd -f -p 8080 -h /www &
  server=$!
  wait "$server" || true
}

main "$@"
