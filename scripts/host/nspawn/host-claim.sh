#!/usr/bin/env bash
# Makes the host's part of a deployment: claim, bridge, its fence, registry. Safe to run twice: what is right stays.
#   INPUT {deployment, uid, bridge, cidr, gateway, registryPort}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/lab.sh
. "$here/../../lib/lab.sh"
# shellcheck source=../../lib/registry.sh
. "$here/../../lib/registry.sh"

# The nodes of both clusters reach each other over the bridge, and nothing that this host would forward to or from elsewhere.
fence_bridge() { # <uid> <bridge>
  local table
  table="$(fence_table "$1")"
  # One transaction: the fence is never down, and what it held before is replaced. The first line is there for the second to succeed.
  nft -f - <<NFT
add table inet $table
delete table inet $table
table inet $table {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "$2" oifname != "$2" drop
    oifname "$2" iifname != "$2" drop
  }
}
NFT
}

make_bridge() { # <bridge> <cidr> <gateway>
  ip link show "$1" >/dev/null 2>&1 || ip link add "$1" type bridge
  ip link set "$1" up
  ip address replace "$3/${2#*/}" dev "$1"
  sysctl -qw net.ipv4.ip_forward=1 "net.ipv4.conf.$1.rp_filter=0"
}

main() {
  local deployment uid bridge cidr gateway registryPort
  read_input deployment uid bridge cidr gateway registryPort
  need ip nft sysctl ss curl pgrep setsid flock
  deployment="$(open_deployment "$deployment")"
  refuse_copy "$deployment" "$uid"
  assert_bridge_ours "$bridge" "$cidr" "$gateway"

  claim_host "$deployment" "$uid" "$cidr"
  # Before make_bridge, which switches forwarding on.
  fence_bridge "$uid" "$bridge"
  make_bridge "$bridge" "$cidr" "$gateway"
  serve_registries "$deployment" "$uid" "$gateway" "$registryPort"
  jq 'del(.deployment)' <<<"$INPUT" | write_file "$deployment/lab.json" 0644 || exit 1
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
