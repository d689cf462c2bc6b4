# shellcheck shell=bash
# The control groups of a machine: one of its name in every hierarchy. Linux only.

cgroup_root=/sys/fs/cgroup

is_cgroup_v2() { [[ "$(stat -fc %T "$cgroup_root")" == cgroup2fs ]]; }

# cgroups_of <machine>: prints its folders in all hierarchies and under any parent (memory's is wherever the caller was).
cgroups_of() {
  find "$cgroup_root" -type d \( -name "$1" -o -name "$1.service" \) -prune -print 2>/dev/null || true
}

cgroup_processes() { # <machine>
  local folder
  cgroups_of "$1" | while read -r folder; do
    find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -un
}

# nspawn puts itself into the group "supervisor"; what is left of a machine whose nspawn died sits beside that.
supervisor_of() { # <machine>
  local folder
  if is_cgroup_v2; then folder="$cgroup_root"; else folder="$cgroup_root/systemd"; fi
  find "$folder" -type d \( -name "$1" -o -name "$1.service" \) -prune -exec cat {}/cgroup.procs {}/supervisor/cgroup.procs \; 2>/dev/null | sed -n 1p
}

# join_cgroups <machine> <memoryMiB> <cpus>: makes the groups and moves the calling process in. cgroup v1 only: on v2 systemd-run does it.
join_cgroups() {
  local machine="$1" memory_mib="$2" cpus="$3" before id controllers path parent group mount file
  # Read whole: the file changes with every group that is joined.
  before="$(cat /proc/self/cgroup)"
  while IFS=: read -r id controllers path; do
    mount="$cgroup_root/${controllers#name=}"
    [[ "$id" != 0 ]] || mount="$cgroup_root/unified"
    [[ -d "$mount" ]] || continue
    # A second start inside the group of the first (a reboot) must not nest.
    parent="$mount${path%%/"$machine"*}"
    group="${parent%/}/$machine"
    mkdir -p "$group"
    if [[ "$controllers" == *cpuset* ]]; then
      for file in cpuset.cpus cpuset.mems; do cat "$parent/$file" >"$group/$file"; done
    fi
    [[ "$controllers" != *memory* ]] || echo $((memory_mib * 1024 * 1024)) >"$group/memory.limit_in_bytes"
    # A quota of all processors limits nothing and costs time.
    if [[ -e "$group/cpu.cfs_quota_us" && "$cpus" -lt "$(nproc)" ]]; then echo $((cpus * 100000)) >"$group/cpu.cfs_quota_us"; fi
    echo "$BASHPID" >"$group/cgroup.procs"
  done <<<"$before"
}

# kill_cgroups <machine>: SIGKILL to every process of it, containers' too, until there is none. Returns 1 after 20 s.
kill_cgroups() {
  local processes deadline=$((SECONDS + 20))
  while processes="$(cgroup_processes "$1")" && [[ -n "$processes" ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || return 1
    # shellcheck disable=SC2086
    kill -KILL $processes 2>/dev/null || true
    sleep 0.02
  done
}

# Kubelet spends minutes on the left-overs of an earlier boot, so there must be none.
remove_cgroups() { # <machine>
  local folder
  cgroups_of "$1" | while read -r folder; do
    find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}
