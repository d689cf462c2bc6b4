# shellcheck shell=bash
# The nspawn machine: its names, its folder, its power. Linux only. Wants cgroup.sh and deployment.sh.

machine_folder() { printf '%s/%s/%s\n' "$(host_data)" "$1" "$2"; } # <uid> <node>

# assert_ours <folder> <uid> <node>: a folder without our mark is never adopted; one that is half made carries making.json.
assert_ours() {
  local mark="$1/machine.json"
  # Nothing but a mark that was being written: killed at the very beginning.
  [[ -n "$(find "$1" -mindepth 1 -maxdepth 1 ! -name 'making.json.new.*' 2>/dev/null)" ]] || return 0
  [[ -e "$mark" ]] || mark="$1/making.json"
  jq -e --arg uid "$2" --arg node "$3" '.uid == $uid and .node == $node' "$mark" >/dev/null 2>&1 ||
    die "the folder $1 exists and is not marked as node \"$3\" of deployment $2" "take it over if it is ours: npx flotilla adopt $3; if nobody needs it: rm -r $1"
}

# assert_no_stranger <machine> <folder>: processes in a group of our machine's name, but no machine of ours.
assert_no_stranger() {
  [[ -e "$2/machine.json" || -z "$(cgroup_processes "$1")" ]] ||
    die "processes run in a control group named \"$1\", but $2 holds no machine of ours" \
      "see whose they are: ps -p $(cgroup_processes "$1" | paste -sd, -)"
}

# remove_link <machine>: nspawn shortens the name of the host's end of the link and keeps the long one as an alternative.
remove_link() { ip link delete "vb-$1" 2>/dev/null || true; }

mount_machine() { # <folder> <image rootfs>
  mountpoint -q "$1/merged" ||
    mount -t overlay "$(basename "$1")" -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/merged"
}

# seed_images <folder> <image's containerd folder, or "">: the pod images as hard links, because containerd never changes what it unpacked; its databases
# it does change. On another file system the machine pulls them from the registry: a copy would write a gigabyte per node.
seed_images() {
  [[ -d "$2" ]] || return 0
  cp -al "$2/." "$1/containerd/" 2>/dev/null || {
    rm -rf "$1/containerd"
    mkdir "$1/containerd"
    return 0
  }
  find "$2" -name '*.db' -printf '%P\0' | xargs -0 -I{} cp -a --remove-destination "$2/{}" "$1/containerd/{}"
}

unmount_machine() { # <folder>
  local point
  awk -v below="$1/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r point; do
    umount "$point" 2>/dev/null || umount --lazy "$point"
  done
}

# cut_power <machine> <folder>: nothing of it runs afterwards, also not when it was about to reboot.
cut_power() {
  local deadline=$((SECONDS + 20))
  rm -f "$2/wanted"
  while :; do
    kill_cgroups "$1" || die "processes of $1 do not die: $(cgroup_processes "$1" | tr '\n' ' ')" 'see why they hang: ps -o pid,stat,wchan,args'
    # The supervising loop holds this lock for as long as it lives.
    [[ ! -e "$2/run.lock" ]] || flock -w 0.2 "$2/run.lock" true || {
      [[ "$SECONDS" -lt "$deadline" ]] || die "the loop that runs $1 does not end" "see who holds it: fuser -v $2/run.lock"
      continue
    }
    [[ -n "$(cgroup_processes "$1")" ]] || break
  done
  unmount_machine "$2"
  remove_link "$1"
  remove_cgroups "$1"
}

# sshd_listens <supervisor's process id>: looks from outside, which costs the booting machine nothing.
sshd_listens() {
  local children child
  children="$(cat "/proc/$1/task/$1/children" 2>/dev/null)" || return 1
  for child in $children; do
    ! grep -qs ':0016 [0-9A-F]*:0000 0A ' "/proc/$child/net/tcp" || return 0
  done
  return 1
}
