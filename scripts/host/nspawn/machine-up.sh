#!/usr/bin/env bash
# Makes and starts one nspawn machine and waits for its SSH. Safe to run twice: a machine that runs is only looked at.
#   INPUT {deployment, uid, cluster, node, machine, role, address, prefixLength, gateway, bridge, cpus, memoryMiB, diskGiB, apiName, kubeconfig}
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
# shellcheck source=../../lib/lab.sh
. "$here/../../lib/lab.sh"

# image_of <deployment> <folder> <node>: the image that the node was born from; a new node takes today's.
image_of() {
  local image file
  for file in "$2/machine.json" "$1/nodes/$3.json"; do
    [[ ! -r "$file" ]] || ! image="$(jq -ec '.image // empty' "$file")" || break
  done
  [[ -n "${image:-}" ]] || image="$(jq -ec .nodeImage "$1/sources.json")" || die "$1/sources.json lacks nodeImage" 'run: npm start'
  [[ -d "$(jq -r .rootfs <<<"$image")" ]] ||
    die "node $3 was born from the image $(jq -r .rootfs <<<"$image"), which is gone" 'replace the node (its data is lost), or put the image back'
  printf '%s\n' "$image"
}

# make_machine <folder> <uid> <node> <image> <deployment>: the mark machine.json comes last; without it the folder is made again.
make_machine() {
  local folder="$1" root="$1/merged"
  [[ ! -e "$folder/machine.json" ]] || return 0
  unmount_machine "$folder"
  mkdir -p "$folder"
  jq -n --arg uid "$2" --arg node "$3" '$ARGS.named' | write_file "$folder/making.json" 0644 || exit 1
  rm -rf "$folder"/{upper,work,merged,containerd}
  mkdir "$folder"/{upper,work,merged,containerd}
  chmod 0755 "$folder/upper"
  seed_images "$folder" "$(jq -r '.containerd // ""' <<<"$4")"
  mount_machine "$folder" "$(jq -r .rootfs <<<"$4")"
  install -d -m 0700 "$root/root/.ssh"
  install -m 0600 "$5/secrets/ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  ssh-keygen -q -t ed25519 -N '' -C "$3" -f "$root/etc/ssh/ssh_host_ed25519_key"
  # The mark must not outlive a power cut that these do not.
  sync "$root"/{root/.ssh/authorized_keys,etc/machine-id} "$root"/etc/ssh/ssh_host_ed25519_key{,.pub}
  jq --argjson image "$4" '. + {$image}' "$folder/making.json" | write_file "$folder/machine.json" 0644 || exit 1
  rm -f "$folder/making.json"
}

# configure_machine <root> <node> <address> <prefixLength> <gateway>: what may change between two starts.
configure_machine() {
  printf '%s\n' "$2" | write_file "$1/etc/hostname" 0644 || exit 1
  printf 'ADDRESS=%s/%s\nGATEWAY=%s\n' "$3" "$4" "$5" | write_file "$1/etc/flotilla/network.env" 0644 || exit 1
  grep -qxF "$3 $2" "$1/etc/hosts" 2>/dev/null || printf '127.0.0.1 localhost\n%s %s\n' "$3" "$2" >"$1/etc/hosts"
}

# resize_running <folder> <machine> <memoryMiB> <cpus>: a machine that runs with another size is powered down cleanly, to be started with this one.
resize_running() {
  [[ -r "$1/size" && "$(cat "$1/size")" != "$3 $4" && -n "$(supervisor_of "$2")" ]] || return 0
  log "$2 runs with $(cat "$1/size") (MiB, processors) and is to have $3 $4: powering it down"
  # shellcheck source=machine-stop.sh
  INPUT="$(jq '. + {how: "clean", timeoutSeconds: 120}' <<<"$INPUT")" bash "$here/machine-stop.sh"
}

start_machine() { # <folder> <machine> <bridge> <memoryMiB> <cpus>
  printf '%s %s\n' "$4" "$5" | write_file "$1/size" 0644 || exit 1
  : >"$1/wanted"
  : >"$1/console.log"
  setsid env -i PATH="$PATH" bash "$here/run-machine.sh" "$@" </dev/null >>"$1/console.log" 2>&1 &
}

wait_started() { # <folder> <machine> <deployment> <node> <address>
  local supervisor deadline=$((SECONDS + 60))
  until supervisor="$(supervisor_of "$2")" && [[ -n "$supervisor" ]] && sshd_listens "$supervisor"; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "the machine $2 does not listen for SSH after 60 s" "its console: $1/console.log" "$(tail -n 5 "$1/console.log")"
    sleep 0.05
  done
  wait_ssh "$3" "$4" "$5" 20 || die "the machine $2 listens, but SSH to $5 fails" "its console: $1/console.log" \
    "$(ssh_at "$3" "$4" "$5" true 2>&1)"
}

main() {
  # shellcheck disable=SC2034 # some are only checked here and go into nodes/<node>.json, for the scripts that come later
  local deployment uid cluster node machine role address prefixLength gateway bridge cpus memoryMiB diskGiB apiName kubeconfig folder image
  read_input deployment uid cluster node machine role address prefixLength gateway bridge cpus memoryMiB diskGiB apiName kubeconfig
  need systemd-nspawn ip flock setsid ssh ssh-keygen
  deployment="$(open_deployment "$deployment")"
  folder="$(machine_folder "$uid" "$node")"
  [[ "$machine" == "$(machine_name "$uid" "$node")" ]] || die "machine is \"$machine\"; its name must be $(machine_name "$uid" "$node")"
  refuse_copy "$deployment" "$uid"
  assert_ours "$folder" "$uid" "$node"
  assert_no_stranger "$machine" "$folder"
  image="$(image_of "$deployment" "$folder" "$node")"

  jq --argjson image "$image" 'del(.deployment) + {$image, provider: "nspawn"}' <<<"$INPUT" | write_file "$deployment/nodes/$node.json" 0644 || exit 1
  mkdir -p "$folder"
  exec 8>"$folder.lock"
  flock -w 60 8 || die "another start of $machine has been at work for 60 s" "see who it is: fuser -v $folder.lock"
  make_machine "$folder" "$uid" "$node" "$image" "$deployment"
  # The deployment's folder may be lost: adopt.sh makes it again from this.
  write_file "$folder/node.json" 0644 <"$deployment/nodes/$node.json" || exit 1
  resize_running "$folder" "$machine" "$memoryMiB" "$cpus"
  if [[ -z "$(supervisor_of "$machine")" ]]; then
    cut_power "$machine" "$folder"
    mount_machine "$folder" "$(jq -r .rootfs <<<"$image")"
    configure_machine "$folder/merged" "$node" "$address" "$prefixLength" "$gateway"
    start_machine "$folder" "$machine" "$bridge" "$memoryMiB" "$cpus"
  fi
  printf '%s %s\n' "$node" "$(cut -d' ' -f1,2 "$folder/merged/etc/ssh/ssh_host_ed25519_key.pub")" |
    write_file "$(known_hosts_of "$deployment" "$node")" 0600 || exit 1
  wait_started "$folder" "$machine" "$deployment" "$node" "$address"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
