#!/usr/bin/env bash
# The bridge-cni DaemonSet: keeps this node's CNI configuration, VXLAN entries and masquerading as the cluster's Node objects say.
# Safe to run twice, and to be killed: it looks at what is there and changes only what differs. Runs in a privileged hostNetwork container.
#   Environment: NODE_NAME, CLUSTER_ID, POD_CIDR_CLUSTER; /host/cni is the node's /etc/cni/net.d
set -euo pipefail

readonly device=flotilla.1 port=8472 mtu=1450 resync_seconds=30
readonly conflist=/host/cni/10-flotilla.conflist ready=/run/bridge-cni/ready

main() {
  local nodes
  : "${NODE_NAME:?}" "${CLUSTER_ID:?}" "${POD_CIDR_CLUSTER:?}"
  while :; do
    if nodes=$(list_nodes) && sync "$nodes"; then
      [[ -e "$ready" ]] || echo "in step with the Node objects"
      touch "$ready"
      wait_for_change
    else
      sleep 1
    fi
  done
}

# Name, address and pod CIDR of every node, a line each.
list_nodes() {
  kubectl get nodes --request-timeout=5s -o json | jq -er '.items[] | [
    .metadata.name,
    (.status.addresses[] | select(.type == "InternalIP") | .address),
    (.spec.podCIDR // "-")] | join(" ")'
}

# Returns on the first change of a Node's spec or addresses, or after the resync time. Heartbeats do not count: they touch the status only.
wait_for_change() {
  local shown
  shown='{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\n"}'
  timeout "$resync_seconds" kubectl get nodes --watch-only -o jsonpath="$shown" 2>/dev/null | read -r _ || true
}

sync() {
  local name address cidr own_address='' own_cidr='' peers=''
  while read -r name address cidr; do
    if [[ "$name" == "$NODE_NAME" ]]; then
      own_address=$address own_cidr=$cidr
    elif [[ "$cidr" != - ]]; then
      peers+="$address $cidr"$'\n'
    fi
  done <<<"$1"
  [[ -n "$own_cidr" && "$own_cidr" != - ]] || return 1
  ensure_device "$own_address" "$own_cidr" && ensure_peers "$peers" && ensure_masquerade && ensure_conflist "$own_cidr"
}

# The address is in the MAC, so that no node has to tell another what its MAC is.
mac_of() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '02:f1:%02x:%02x:%02x:%02x' "$a" "$b" "$c" "$d"
}

ensure_device() {
  local address=$1 cidr=$2 mac id
  mac=$(mac_of "$address")
  id=$((100 + CLUSTER_ID))
  if [[ "$(ip -d -j link show "$device" 2>/dev/null | jq -r '.[0] | [.address, .linkinfo.info_data.id, .linkinfo.info_data.local] | join(" ")')" != "$mac $id $address" ]]; then
    ip link delete "$device" 2>/dev/null || true
    ip link add "$device" address "$mac" mtu "$mtu" type vxlan id "$id" local "$address" dstport "$port" nolearning
  fi
  ip address replace "${cidr%/*}/32" dev "$device"
  ip link set "$device" up
  [[ "$(</proc/sys/net/ipv4/ip_forward)" == 1 ]] || echo 1 >/proc/sys/net/ipv4/ip_forward
}

# A peer's pods are behind its VTEP, the first address of its pod CIDR; what no peer needs any more is removed.
ensure_peers() {
  local address cidr vtep mac wanted=' ' stale
  while read -r address cidr; do
    [[ -n "$address" ]] || continue
    vtep=${cidr%/*}
    mac=$(mac_of "$address")
    bridge fdb replace "$mac" dev "$device" dst "$address" self permanent
    ip neighbour replace "$vtep" lladdr "$mac" dev "$device" nud permanent
    ip route replace "$cidr" via "$vtep" dev "$device" onlink
    wanted+="$cidr $vtep $mac "
  done <<<"$1"
  while read -r stale; do
    [[ "$wanted" == *" $stale "* ]] || ip route delete "$stale" dev "$device"
  done < <(ip -4 -j route show dev "$device" | jq -r '.[] | select(.gateway != null) | .dst')
  while read -r stale; do
    [[ "$wanted" == *" $stale "* ]] || ip neighbour delete "$stale" dev "$device"
  done < <(ip -4 -j neighbour show dev "$device" nud permanent | jq -r '.[].dst')
  while read -r stale; do
    [[ "$wanted" == *" $stale "* ]] || bridge fdb delete "$stale" dev "$device" self
  done < <(bridge -j fdb show dev "$device" | jq -r '.[] | select(.dst != null) | .mac')
}

# Pods keep their address within the cluster and take the node's beyond it.
ensure_masquerade() {
  nft -f - <<EOF
table ip flotilla
delete table ip flotilla
table ip flotilla {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr $POD_CIDR_CLUSTER ip daddr != $POD_CIDR_CLUSTER ip daddr != 224.0.0.0/4 masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
  }
}
EOF
}

ensure_conflist() {
  local wanted
  wanted=$(jq -n --arg cidr "$1" --argjson mtu "$mtu" '{cniVersion: "1.0.0", name: "flotilla", plugins: [
    {type: "bridge", bridge: "cni0", mtu: $mtu, isGateway: true, ipMasq: false, hairpinMode: true,
     ipam: {type: "host-local", ranges: [[{subnet: $cidr}]], routes: [{dst: "0.0.0.0/0"}]}},
    {type: "portmap", capabilities: {portMappings: true}}]}')
  [[ "$(cat "$conflist" 2>/dev/null)" != "$wanted" ]] || return 0
  printf '%s\n' "$wanted" >"$conflist.half"
  mv "$conflist.half" "$conflist"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
