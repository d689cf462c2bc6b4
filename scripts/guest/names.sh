#!/usr/bin/env bash
# Writes the fleet's names into a block of /etc/hosts that is ours, and into the copies of pods on the host's network. Safe to run twice: what is equal stays.
#   INPUT {hosts: [{address, names: [...]}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

hosts_file="${HOSTS_FILE:-/etc/hosts}"

# Such a pod has the file as it was when it started, so kube-proxy would go on asking a control plane that left. Written in place, as kubelet does it:
# the file is mounted.
refresh_pods() {
  local copy head='# Kubernetes-managed hosts file (host network).'
  for copy in "${PODS_FOLDER:-/var/lib/kubelet/pods}"/*/etc-hosts; do
    [[ "$(head -n 1 "$copy" 2>/dev/null)" == "$head" ]] || continue
    { echo "$head" && cat "$hosts_file"; } | cmp -s - "$copy" || { echo "$head" && cat "$hosts_file"; } >"$copy"
  done
}

main() {
  local hosts block
  read_input hosts
  block="$(jq -r '.[] | "\(.address) \(.names | join(" "))"' <<<"$hosts")"
  {
    sed '/^# flotilla begin$/,/^# flotilla end$/d' "$hosts_file"
    printf '# flotilla begin\n%s\n# flotilla end\n' "$block"
  } | write_file "$hosts_file" 0644 || exit 1
  refresh_pods
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
