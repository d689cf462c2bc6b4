#!/usr/bin/env bash
# Makes the host's part of a deployment: claim, bridge, its fence, registry. Safe to run twice: what is right stays.
#   INPUT {deployment, uid, bridge, cidr, gateway, registryPort}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/lab.sh
. "$here/../lib/lab.sh"

claim_host() { # <deployment> <uid>
  jq -n --arg uid "$2" --arg deployment "$(basename "$1")" --arg checkout "$(checkout_of "$1")" '$ARGS.named' |
    write_file "$(host_data)/$2/owner.json" 0644 || true
}

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

# registry_settings <store> <gateway> <port>
registry_settings() {
  cat <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: "$1"}
  maintenance: {readonly: {enabled: true}, uploadpurging: {enabled: false}}
http: {addr: "$2:$3"}
YAML
}

registry_answers() { curl -fsS --noproxy '*' --max-time 2 -o /dev/null "http://$1:$2/v2/" 2>/dev/null; } # <gateway> <port>

start_registry() { # <deployment> <uid> <program> <gateway> <port>
  local holder config
  config="$(registry_config "$1" "$2")"
  holder="$(ss -Hltnp "sport = :$5" | awk -v own="$4:$5" '$4 == own || $4 ~ /^(0\.0\.0\.0|\*|\[::\]):/ {print $4, $6}')"
  [[ -z "$holder" ]] || die "the registry's address $4:$5 is taken: $holder" 'stop that process, then try again'
  # A child that keeps the runner's lock open would hold the deployment for ever.
  (
    for fd in /proc/self/fd/*; do
      fd="${fd##*/}"
      [[ "$fd" -lt 3 || "$fd" -eq 255 ]] || eval "exec $fd>&-"
    done
    exec setsid env -i PATH="$PATH" OTEL_TRACES_EXPORTER=none "$3" serve "$config" </dev/null >"${config%.yml}.log" 2>&1
  ) &
}

main() {
  local deployment uid bridge cidr gateway registryPort program store deadline
  read_input deployment uid bridge cidr gateway registryPort
  need ip nft sysctl ss curl pgrep setsid
  deployment="$(open_deployment "$deployment")"
  program="$(source_path "$deployment" .bin)/registry"
  store="$(source_path "$deployment" .registryStore)"
  assert_alone "$deployment"
  assert_bridge_ours "$bridge" "$cidr" "$gateway"

  claim_host "$deployment" "$uid"
  # Before make_bridge, which switches forwarding on.
  fence_bridge "$uid" "$bridge"
  make_bridge "$bridge" "$cidr" "$gateway"
  ! registry_settings "$store" "$gateway" "$registryPort" | write_file "$(registry_config "$deployment" "$uid")" 0644 ||
    stop_registry "$uid"
  [[ -n "$(registry_process "$uid")" ]] || start_registry "$deployment" "$uid" "$program" "$gateway" "$registryPort"
  deadline=$((SECONDS + 10))
  until registry_answers "$gateway" "$registryPort"; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "the registry does not answer at http://$gateway:$registryPort/v2/" \
      "its log: $deployment/logs/registry-$uid.log"
    sleep 0.1
  done
  jq 'del(.deployment)' <<<"$INPUT" | write_file "$deployment/lab.json" 0644 || true
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
