#!/usr/bin/env bash
# Takes over one machine whose deployment's folder was lost, or whose mark was: its record, our key on it, its host key. Safe to run twice.
#   INPUT {deployment, uid, node, mark?: true to mark a folder that has no mark as ours}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/cgroup.sh
. "$here/../../lib/cgroup.sh"
# shellcheck source=../../lib/machine.sh
. "$here/../../lib/machine.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"

# mark_as_ours <folder> <uid> <node> <record>: only what machine-up.sh has made once, and of which nobody else's mark speaks.
mark_as_ours() {
  local mark="$1/machine.json"
  ! jq -e --arg uid "$2" --arg node "$3" '.uid == $uid and .node == $node' "$mark" >/dev/null 2>&1 || return 0
  ! jq -e '.uid' "$mark" >/dev/null 2>&1 ||
    die "the folder $1 is marked as node \"$(jq -r .node "$mark")\" of deployment $(jq -r .uid "$mark")" 'what is marked as another one is not taken over'
  [[ -d "$1/upper/etc" && -d "$1/containerd" && "$(cat "$1/upper/etc/hostname" 2>/dev/null)" == "$3" ]] ||
    die "the folder $1 holds no machine that Flotilla made as \"$3\"" "look into it; if nobody needs it: rm -r $1"
  jq --arg uid "$2" --arg node "$3" '{$uid, $node, image}' "$4" | write_file "$mark" 0644 || exit 1
}

# lay_key <folder> <public key>: a machine that runs sees at once what is written through its mount; one that is off has only its upper folder.
lay_key() {
  local root="$1/upper"
  ! mountpoint -q "$1/merged" || root="$1/merged"
  install -d -m 0700 "$root/root/.ssh"
  install -m 0600 "$2" "$root/root/.ssh/authorized_keys"
  sync "$root/root/.ssh/authorized_keys"
}

main() {
  local deployment uid node mark folder record key
  read_input deployment uid node 'mark?'
  deployment="$(open_deployment "$deployment")"
  folder="$(machine_folder "$uid" "$node")"
  [[ -d "$folder" ]] || die "there is no machine \"$node\" of deployment $uid on this host: $folder does not exist"
  record="$deployment/nodes/$node.json"
  [[ ! -r "$folder/node.json" ]] || record="$folder/node.json"
  [[ -r "$record" ]] || die "nothing tells which cluster and address the machine \"$node\" had: it was made by an older Flotilla" \
    'it cannot be taken over; remove it: npx flotilla destroy'
  [[ "$mark" != true ]] || mark_as_ours "$folder" "$uid" "$node" "$record"
  assert_ours "$folder" "$uid" "$node"

  key="$folder/upper/etc/ssh/ssh_host_ed25519_key.pub"
  [[ -s "$key" ]] || die "the machine \"$node\" has no host key: it was never made to its end" 'it cannot be taken over; remove it: npx flotilla destroy'
  lay_key "$folder" "$deployment/secrets/ssh/id_ed25519.pub"
  printf '%s %s\n' "$node" "$(cut -d' ' -f1,2 "$key")" | write_file "$(known_hosts_of "$deployment" "$node")" 0600 || exit 1
  [[ "$record" == "$deployment/nodes/$node.json" ]] || write_file "$deployment/nodes/$node.json" 0644 <"$record" || exit 1
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
