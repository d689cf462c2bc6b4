#!/usr/bin/env bash
# Makes and starts one Multipass machine and records the address that it leased. Safe to run twice: a machine that runs is only looked at.
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
# shellcheck source=../../lib/multipass.sh
. "$here/../../lib/multipass.sh"

# make_machine <deployment> <uid> <node> <machine> <image> <cpus> <memoryMiB> <diskGiB>: what is being made is marked as ours before it exists.
make_machine() {
  write_mark "$2" "$3" making
  # Its own end comes after an hour: the image is fetched too.
  cloud_init "$3" "$(cat "$1/secrets/ssh/id_ed25519.pub")" |
    multipass launch "$5" --name "$4" --cpus "$6" --memory "$7M" --disk "$8G" --cloud-init - --timeout 3600 >&2 ||
    die "multipass does not launch $4" 'see why, above; what is half made is taken up by the next: npm start'
  write_mark "$2" "$3" made
  note_sizes "$2" "$3" "$6 $7 $8"
}

# note_sizes <uid> <node> <sizes>: Multipass tells them in words that are not those which it takes.
note_sizes() { printf '%s\n' "$3" | write_file "$(sizes_of "$1" "$2")" 0644 || exit 1; }
sizes_of() { mark_of "$1" "$2" | sed 's/json$/sizes/'; } # <uid> <node>

# size_machine <uid> <node> <machine> <cpus> <memoryMiB> <diskGiB>: of one that is off. A disk only grows.
size_machine() {
  local before setting
  before="$(cat "$(sizes_of "$1" "$2")" 2>/dev/null)" || true
  [[ "$before" != "$4 $5 $6" ]] || return 0
  set -- "$1" "$2" "$3" "$4 $5 $6" "cpus=$4" "memory=$5M" "disk=$6G"
  for setting in "${@:5}"; do
    # shellcheck disable=SC2086
    [[ "$setting" != disk=* || "${before##* }" != "${4##* }" ]] || continue
    multipass set "local.$3.$setting" >&2 || die "multipass does not set $setting for $3" 'a disk cannot become smaller; a machine must be off: npx flotilla shutdown'
  done
  note_sizes "$1" "$2" "$4"
}

# know_machine <deployment> <node> <machine>: its host key comes from the hypervisor, not over the network.
know_machine() {
  local key
  key="$(multipass exec "$3" -- cat /etc/ssh/ssh_host_ed25519_key.pub)" || return 1
  [[ "$key" == 'ssh-ed25519 '* ]] || return 1
  printf '%s %s\n' "$2" "$(cut -d' ' -f1,2 <<<"$key")" | write_file "$(known_hosts_of "$1" "$2")" 0600 || exit 1
}

# What await_machine asks; the machine's names are main's variables.
address_now() { multipass_look "$machine" | jq -er '.ipv4[0] // empty'; }
lives() { multipass_runs "$machine"; }
let_us_in() {
  [[ -e "$(known_hosts_of "$deployment" "$node")" ]] || know_machine "$deployment" "$node" "$machine" || return 1
  ssh_at "$deployment" "$node" "$1" true </dev/null 2>/dev/null
}

main() {
  # shellcheck disable=SC2034 # some are only checked here and go into nodes/<node>.json, for the scripts that come later
  local deployment uid cluster node machine role cpus memoryMiB diskGiB apiName kubeconfig image machineNetwork state
  read_input deployment uid cluster node machine role cpus memoryMiB diskGiB apiName kubeconfig image machineNetwork
  need multipass ssh
  deployment="$(open_deployment "$deployment")"
  [[ "$machine" == "$(machine_name "$uid" "$node")" ]] || die "machine is \"$machine\"; its name must be $(machine_name "$uid" "$node")"
  lock_machine "$uid" "$node"
  state="$(multipass_state "$machine")"
  [[ -z "$state" ]] || assert_ours "$deployment" "$uid" "$node"

  remember_node "$deployment" "$node" multipass
  if [[ -n "$state" && "$(mark_stage "$uid" "$node")" == making ]]; then
    # A launch that was killed may have left one without our key.
    multipass delete --purge "$machine" >&2 || die "multipass does not delete $machine, which is half made"
    state=''
  fi
  if [[ -z "$state" ]]; then
    rm -f "$(known_hosts_of "$deployment" "$node")"
    make_machine "$deployment" "$uid" "$node" "$machine" "$image" "$cpus" "$memoryMiB" "$diskGiB"
  elif ! multipass_runs "$machine"; then
    [[ "$state" != deleted ]] || multipass recover "$machine" >&2 || die "multipass does not recover $machine"
    [[ "$state" == suspended ]] || size_machine "$uid" "$node" "$machine" "$cpus" "$memoryMiB" "$diskGiB"
    multipass start "$machine" >&2 || die "multipass does not start $machine" "see for yourself: multipass info $machine"
  fi
  await_machine "$deployment" "$uid" "$node" 180 'multipass keeps it: multipass info'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
