#!/usr/bin/env bash
# Makes and starts one Tart machine, meets it and records the address that it leased. Safe to run twice: a machine that runs is only looked at.
#   INPUT {deployment, uid, cluster, node, machine, role, cpus, memoryMiB, diskGiB, apiName, kubeconfig, image, machineNetwork}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/lock.sh
. "$here/../../lib/lock.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"
# shellcheck source=../../lib/guest.sh
. "$here/../../lib/guest.sh"
# shellcheck source=../../lib/agent.sh
. "$here/../../lib/agent.sh"
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/dynamic.sh
. "$here/../../lib/dynamic.sh"
# shellcheck source=../../lib/registry.sh
. "$here/../../lib/registry.sh"
# shellcheck source=../../lib/host-registry.sh
. "$here/../../lib/host-registry.sh"
# shellcheck source=../../lib/first-contact.sh
. "$here/../../lib/first-contact.sh"
# shellcheck source=../../lib/tart.sh
. "$here/../../lib/tart.sh"

# The image is fetched once, with one that waits for each of the others; a clone would do it too, once for each.
pull_image() { # <uid> <image>
  local pulled
  pulled="$(host_data)/$1/pulled"
  (
    exec 7>"$pulled.lock"
    lock_descriptor 7 3600 || die "another machine has been fetching $2 for an hour"
    [[ "$(cat "$pulled" 2>/dev/null)" != "$2" ]] || exit 0
    tart pull "$2" >&2 || die "the image $2 cannot be fetched" "try it by hand: tart pull $2"
    printf '%s\n' "$2" | write_file "$pulled" 0644 || exit 1
  )
}

# make_machine <uid> <node> <machine> <image>: nothing of this name exists, and what is being made is marked as ours before it does.
make_machine() {
  pull_image "$1" "$4"
  write_mark "$1" "$2" making
  tart clone "$4" "$3" >&2 || die "tart does not clone $4 to $3"
}

# size_machine <uid> <node> <machine> <cpus> <memoryMiB> <diskGiB>: of a machine that is off. A first clone has the hardware address of its image, like the
# first clone of everybody else; a later change of it would cost the address.
size_machine() {
  local now disk stage words
  stage="$(mark_stage "$1" "$2")"
  now="$(tart_look "$3")"
  disk="$(disk_gb "$6")"
  words="--cpu $4 --memory $5"
  # It only grows; an image may have more than was asked for.
  [[ "$(jq .Disk <<<"$now")" -ge "$disk" ]] || words="$words --disk-size $disk"
  if [[ "$stage" == making ]]; then
    words="$words --random-mac"
  elif [[ "$words" != *disk-size* ]] && jq -e --argjson cpus "$4" --argjson memory "$5" '.CPU == $cpus and .Memory == $memory' <<<"$now" >/dev/null; then
    return 0
  fi
  # shellcheck disable=SC2086
  tart set "$3" $words >&2 || die "tart does not set $words for $3"
  [[ "$stage" != making ]] || write_mark "$1" "$2" made
}

start_machine() { # <uid> <node> <machine> <machineNetwork>
  local tart label
  tart="$(command -v tart)"
  label="$(tart_label "$1" "$2")"
  set -- "$(tart_network "$4")" "$(tart_file "$1" "$2" log)" "$(tart_file "$1" "$2" plist)" "$3"
  : >"$2"
  agent_plist "$label" "$2" PATH="$(dirname "$tart"):$PATH" TART_HOME="${TART_HOME:-$HOME/.tart}" HOME="$HOME" -- \
    "$tart" run --no-graphics --no-audio --no-clipboard ${1:+"$1"} "$4" | start_agent "$label" "$3"
}

# let_in <deployment> <uid> <node> <machine> <address>: SSH with our key and its own host key.
let_in() {
  if [[ "$(mark_stage "$2" "$3")" == met && -e "$(known_hosts_of "$1" "$3")" ]]; then
    ssh_at "$1" "$3" "$5" true </dev/null 2>/dev/null
  else
    first_contact "$1" "$3" "$4" "$5" admin admin "$(tart_mac "$4")" && write_mark "$2" "$3" met
  fi
}

# What await_machine asks; the machine's names are main's variables.
address_now() { tart_ip "$machine" "$machineNetwork" 5; }
lives() { agent_runs "$(tart_label "$uid" "$node")" || tart_runs "$machine"; }
let_us_in() { let_in "$deployment" "$uid" "$node" "$machine" "$1"; }

main() {
  # shellcheck disable=SC2034 # some are only checked here and go into nodes/<node>.json, for the scripts that come later
  local deployment uid cluster node machine role cpus memoryMiB diskGiB apiName kubeconfig image machineNetwork found
  read_input deployment uid cluster node machine role cpus memoryMiB diskGiB apiName kubeconfig image machineNetwork
  need tart launchctl ssh ssh-keygen tar base64
  deployment="$(open_deployment "$deployment")"
  [[ "$machine" == "$(machine_name "$uid" "$node")" ]] || die "machine is \"$machine\"; its name must be $(machine_name "$uid" "$node")"
  assert_network_possible "$machineNetwork"
  lock_machine "$uid" "$node"
  found="$(tart_look "$machine")"
  [[ -z "$found" ]] || assert_ours "$deployment" "$uid" "$node"

  remember_node "$deployment" "$node" tart
  [[ -n "$found" ]] || make_machine "$uid" "$node" "$machine" "$image"
  [[ -n "$(mark_stage "$uid" "$node")" ]] || write_mark "$uid" "$node" made
  if ! tart_runs "$machine"; then
    size_machine "$uid" "$node" "$machine" "$cpus" "$memoryMiB" "$diskGiB"
    start_machine "$uid" "$node" "$machine" "$machineNetwork"
  fi
  await_machine "$deployment" "$uid" "$node" 180 "$(tart_file "$uid" "$node" log)"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
