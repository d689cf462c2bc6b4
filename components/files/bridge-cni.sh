#!/usr/bin/env bash
# The bridge-cni DaemonSet: keeps this node's CNI configuration, VXLAN entries and masquerading as the cluster's Node objects say.
# Safe to run twice, and to be killed: it changes only what differs. Runs in a privileged hostNetwork container.
#   Environment: NODE_NAME, CLUSTER_ID, POD_CIDR_CLUSTER; /host/cni is the node's /etc/cni/net.d
set -euo pipefail

readonly device=flotilla.1 port=8472 mtu=1450 resync_seconds=30
readonly conflist=${CNI_FOLDER:-/host/cni}/10-flotilla.conflist ready=${READY_FILE:-/run/bridge-cni/ready}

main() {
  : "${NODE_NAME:?}" "${CLUSTER_ID:?}" "${POD_CIDR_CLUSTER:?}"
  while :; do
    follow_nodes
    sleep 1
  done
}

# Brings the node in step at once, after each change of a Node and after the resync time. Returns when the API is gone or the watch ends.
follow_nodes() {
  local code
  bring_in_step || return 0
  # The watch begins with all nodes, so that no change between the look above and its start is missed.
  while code=0 && { read -r -t "$resync_seconds" _ || code=$?; } && [[ "$code" -eq 0 || "$code" -gt 128 ]]; do
    # Changes come in bursts: one look for all of them.
    while read -r -t 0.2 _; do :; done
    bring_in_step || return 0
  done < <(exec timeout --signal=KILL 600 kubectl get nodes --watch --output=name 2>/dev/null)
}

# Name, address and pod CIDR of every node, a line each.
list_nodes() {
  # Not --request-timeout: with any such option kubectl forgets that it runs in a pod.
  timeout 10 kubectl get nodes -o json | jq -er '.items[] | [
    .metadata.name,
    (.status.addresses[] | select(.type == "InternalIP") | .address),
    (.spec.podCIDR // "-")] | join(" ")'
}

bring_in_step() {
  local nodes name address cidr own_address='' own_cidr='' peers=''
  nodes=$(list_nodes) || return 1
  while read -r name address cidr; do
    if [[ "$name" == "$NODE_NAME" ]]; then
      own_address=$address own_cidr=$cidr
    elif [[ "$cidr" != - ]]; then
      peers+="$address $cidr"$'\n'
    fi
  done <<<"$nodes"
  [[ -n "$own_cidr" && "$own_cidr" != - ]] || return 1
  ensure_device "$own_address" "$own_cidr" && ensure_peers "$peers" && ensure_masquerade && ensure_conflist "$own_cidr" && touch "$ready"
}

# The address is in the MAC, so that no node has to tell another what its MAC is.
mac_of() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '02:f1:%02x:%02x:%02x:%02x' "$a" "$b" "$c" "$d"
}

ensure_device() {
  local address=$1 cidr=$2 mac id=$((100 + CLUSTER_ID))
  mac=$(mac_of "$address")
  if [[ "$(ip -d -j link show "$device" 2>/dev/null | jq -r '.[0] | [.address, .linkinfo.info_data.id, .linkinfo.info_data.local] | join(" ")')" != "$mac $id $address" ]]; then
    ip link delete "$device" 2>/dev/null || true
    ip link add "$device" address "$mac" mtu "$mtu" type vxlan id "$id" local "$address" dstport "$port" nolearning
  fi
  ip address replace "${cidr%/*}/32" dev "$device"
  ip link set "$device" up
}

# A peer's pods are behind its VTEP, the first address of its pod CIDR; what no peer needs any more is removed.
ensure_peers() {
  local address cidr vtep mac wanted=' '
  while read -r address cidr; do
    [[ -n "$address" ]] || continue
    vtep=${cidr%/*}
    mac=$(mac_of "$address")
    bridge fdb replace "$mac" dev "$device" dst "$address" self permanent
    ip neighbour replace "$vtep" lladdr "$mac" dev "$device" nud permanent
    ip route replace "$cidr" via "$vtep" dev "$device" onlink
    wanted+="$cidr $vtep $mac "
  done <<<"$1"
  ip -4 -j route show dev "$device" | jq -r '.[] | select(.gateway != null) | .dst' | remove_unless "$wanted" ip route delete
  ip -4 -j neighbour show dev "$device" nud permanent | jq -r '.[].dst' | remove_unless "$wanted" ip neighbour delete
  bridge -j fdb show dev "$device" | jq -r '.[] | select(.dst != null) | .mac' | remove_unless "$wanted" bridge fdb delete
}

# remove_unless <wanted> <command …>: standard input = what is there.
remove_unless() {
  local wanted="$1" found
  shift
  while read -r found; do [[ "$wanted" == *" $found "* ]] || "$@" "$found" dev "$device"; done
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
