# shellcheck shell=bash
# The ways between the etcd members of control planes that moved together. Runs on control planes. Wants kubeadm.sh.
# A member's address is part of etcd's own data, and only a quorum may change it. When so many moved at once that no quorum is left, each of them is led
# from the others' old addresses to their new ones, until etcd itself knows these.

detours=flotilla_detours

# open_detours <peers [{old, new}]>: of this boot only.
open_detours() {
  local rules
  rules="$(jq -r '.[] | "    ip daddr \(.old) tcp dport 2380 dnat to \(.new)"' <<<"${1:-[]}")"
  [[ -n "$rules" ]] || return 0
  nft -f - <<NFT
add table ip $detours
delete table ip $detours
table ip $detours {
  chain output {
    type nat hook output priority -100;
$rules
  }
}
NFT
}

close_detours() { printf '%s table ip %s\n' add "$detours" delete "$detours" | nft -f -; }

# with_old_names <documents> <addresses>: kubeadm's documents, with old addresses of this node in the certificate that its peers see, who still call it by them.
with_old_names() {
  jq -c --arg old "$2" 'map(if .kind == "ClusterConfiguration" then .etcd.local.peerCertSANs = ($old | split(" ") | map(select(. != ""))) else . end)' <<<"$1"
}

# member_is_right <address>: a member whose peer URL is an old one works alone, but nobody can join it.
member_is_right() {
  local id
  id="$(etcd_members | jq -r --arg name "$FLOTILLA_NODE" --arg url "https://$1:2380" '.members[] | select(.name == $name and .peerURLs != [$url]) | .ID')" || return 1
  [[ -z "$id" ]] || etcd_member update "{\"ID\":\"$id\",\"peerURLs\":[\"https://$1:2380\"]}" >/dev/null
}

# peers_are_right <peers>: asked of this member alone, which needs no quorum.
peers_are_right() {
  etcd_member list '{"linearizable":false}' |
    jq -e --argjson peers "$1" '[.members[].peerURLs[]] as $known | all($peers[]; "https://\(.new):2380" as $url | any($known[]; . == $url))' >/dev/null
}

# settle_peers <address> <peers>: etcd takes one change at a time, so others may have to be waited for.
settle_peers() {
  wait_for 60 member_is_right "$1" || die "etcd of $FLOTILLA_NODE does not take its new address $1" "look at its members: npx flotilla ssh $FLOTILLA_NODE -- journalctl -u kubelet"
  [[ "${2:-[]}" != '[]' ]] || return 0
  wait_for 60 peers_are_right "$2" || die "the other control planes of $FLOTILLA_NODE have not told their new addresses to etcd after 60 s" 'run it again when they are up: npx flotilla up'
  close_detours
}
