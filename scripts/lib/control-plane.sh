# shellcheck shell=bash
# What host scripts share about control planes: which there are, which one answers, which may hold the cluster. Works on bash 3.2.
# Wants input.sh, file.sh, lock.sh, deployment.sh, ssh.sh and guest.sh.

# recorded_control_planes <deployment> <cluster> [<node that does not count>]: those that were made, also if they leave just now.
recorded_control_planes() {
  local file
  for file in "$1"/nodes/*.json; do
    # The file of another node may go while we look: leases of a cluster are released side by side.
    jq -r --arg cluster "$2" --arg node "${3:-}" 'select(.cluster == $cluster and .role == "control-plane" and .node != $node) | .node' "$file" 2>/dev/null || true
  done
}

# What a node that runs kubeadm as control plane leaves on the host, before it does. It tells the machine's host key, so it does not count for a machine
# that is made again under the same name.
holder_mark() { printf '%s/nodes/.holds-%s\n' "$1" "$2"; } # <deployment> <node>

mark_holder() { write_file "$(holder_mark "$1" "$2")" 0600 <"$(known_hosts_of "$1" "$2")" || exit 1; } # <deployment> <node>

may_hold() { cmp -s "$(holder_mark "$1" "$2")" "$(known_hosts_of "$1" "$2")" 2>/dev/null; } # <deployment> <node>

# holders <deployment> <cluster> <node that does not count>: the other control planes whose disks may hold the cluster, a name per line.
holders() {
  local other
  for other in $(recorded_control_planes "$@"); do
    ! may_hold "$1" "$other" || printf '%s\n' "$other"
  done
}

# on_control_plane <deployment> <seconds> <names, a list in JSON or apart by blanks> <guest/script.sh> <input>: runs it on the first of them that can. One that
# is not reached, or says that it is not ready (exit code 3) or has no cluster (4), is passed over. Standard input is a secret, as for run_guest.
on_control_plane() {
  local deployment="$1" deadline=$((SECONDS + $2)) names="$3" secret result name
  secret="$(cat)"
  names="${names//[][\",]/ }"
  while :; do
    for name in $names; do
      [[ -e "$deployment/nodes/$name.json" ]] || continue
      result=0
      printf '%s' "$secret" | run_guest "$deployment" "$name" "$4" "$5" || result=$?
      case "$result" in 3 | 4 | 255) ;; *) return "$result" ;; esac
    done
    [[ "$SECONDS" -lt "$deadline" ]] || die "no control plane is ready, asked were: ${names//  / }" 'see which machines run: npx flotilla status; start them: npx flotilla boot'
    sleep 0.5
  done
}

# hold_lock <path>: until this script ends; etcd takes one change of its members at a time.
hold_lock() {
  exec 7>"$1"
  lock_descriptor 7 600 || die 'other control planes have been joining or leaving for 600 s' "see who: lsof $1"
}
