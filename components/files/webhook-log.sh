#!/bin/sh
# Answers a webhook: writes what it was sent into the pod's log, as one line. Run by busybox' httpd for each request.
#   Environment: CONTENT_LENGTH
set -eu

main() {
  length=${CONTENT_LENGTH:-0}
  body=$(head -c "$length" | tr -d '\n')
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$body" >&2
  printf 'Content-Type: text/plain\r\n\r\nlogged\n'
}

main "$@"
