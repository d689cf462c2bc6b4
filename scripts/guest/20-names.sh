#!/usr/bin/env bash
# Writes the fleet's names into a block of /etc/hosts that is ours. Safe to run twice: an equal block stays untouched.
#   INPUT {hosts: [{address, names: [...]}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

hosts_file="${HOSTS_FILE:-/etc/hosts}"

main() {
  local hosts block
  read_input hosts
  block="$(jq -r '.[] | "\(.address) \(.names | join(" "))"' <<<"$hosts")"
  {
    sed '/^# flotilla begin$/,/^# flotilla end$/d' "$hosts_file"
    printf '# flotilla begin\n%s\n# flotilla end\n' "$block"
  } | write_file "$hosts_file" 0644 || true
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
