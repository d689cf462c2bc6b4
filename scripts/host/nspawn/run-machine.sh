#!/usr/bin/env bash
# Runs one machine until it is switched off, again after each reboot. Safe to run twice: the second one finds the lock taken and ends.
#   no INPUT; arguments FOLDER MACHINE BRIDGE memoryMiB cpus. Started by machine-up.sh, outlives it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/cgroup.sh
. "$here/../../lib/cgroup.sh"
# shellcheck source=../../lib/machine.sh
. "$here/../../lib/machine.sh"

# The runner's lock on the deployment travels as a descriptor; a machine must not hold it.
close_inherited() {
  local fd
  for fd in /proc/self/fd/*; do
    fd="${fd##*/}"
    [[ "$fd" -lt 3 || "$fd" -eq 255 ]] || eval "exec $fd>&-"
  done
}

# nspawn_words <folder> <machine> <bridge>: sets the array nspawn.
nspawn_words() {
  nspawn=(systemd-nspawn --quiet -D "$1/merged" -M "$2" --boot --register=no --keep-unit --network-bridge="$3" --private-users=no
    --capability=all --bind=/dev/kmsg --bind="$1/containerd:/var/lib/containerd" --resolv-conf=off --timezone=off
    --link-journal=no --system-call-filter="keyctl bpf perf_event_open add_key")
}

start_v1() { # <folder> <machine> <bridge> <memoryMiB> <cpus>
  join_cgroups "$2" "$4" "$5"
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 SYSTEMD_NSPAWN_USE_CGNS=1
  nspawn_words "$1" "$2" "$3"
  exec "${nspawn[@]}"
}

# Written for cgroup v2, not tried: no such host was at hand. The service starts anew from systemd and knows nothing of this shell.
start_v2() { # <folder> <machine> <bridge> <memoryMiB> <cpus>
  nspawn_words "$1" "$2" "$3"
  exec systemd-run --quiet --pipe --wait --collect --unit="$2" --property=Delegate=yes --property=MemoryMax="${4}M" \
    --property=CPUQuota="$(($5 * 100))%" --setenv=SYSTEMD_SECCOMP=0 --setenv=SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 \
    -- "${nspawn[@]}"
}

main() {
  local folder="$1" machine="$2" bridge="$3" memory_mib="$4" cpus="$5" code start=start_v1
  close_inherited
  # Who started us may come before others; the machine does not.
  renice 0 "$$" >/dev/null 2>&1 || true
  exec 9>"$folder/run.lock"
  flock -n 9 || die "$machine is being run already"
  ! is_cgroup_v2 || start=start_v2
  export SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
  while [[ -e "$folder/wanted" ]]; do
    kill_cgroups "$machine"
    remove_link "$machine"
    remove_cgroups "$machine"
    code=0
    ("$start" "$folder" "$machine" "$bridge" "$memory_mib" "$cpus" 9>&-) || code=$?
    # 133 is nspawn's word for "it wants to reboot".
    [[ "$code" -eq 133 ]] || exit "$code"
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
