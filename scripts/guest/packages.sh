#!/usr/bin/env bash
# Installs containerd, kubeadm, kubelet and kubectl of one exact patch by apt. Safe to run twice; does nothing where they are there already (node image).
#   INPUT {kubernetesVersion: "1.35.9", repository: "https://pkgs.k8s.io/core:/stable:"}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

# The root of the file system; another one in trials.
root="${ROOT_FOLDER:-}"
keyring="$root/etc/apt/keyrings/kubernetes.asc"

# Right after boot a cloud image's own upgrades hold the lock for minutes. Who was cut off inside dpkg left it so that apt-get refuses everything.
apt_get() {
  dpkg --configure -a --force-confdef --force-confold >/dev/null 2>&1 </dev/null || true
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq "$@" >/dev/null ||
    die "apt-get $1 failed on ${FLOTILLA_NODE:-this machine}, see above" 'the machine needs a way to its distribution and to pkgs.k8s.io; try by hand: apt-get update'
}

# What cloud images lack of what kubeadm and our own scripts call.
base_packages='ca-certificates conntrack containerd curl ethtool iproute2 iptables jq nftables socat'

# installed_version: of the kubelet, without its v; empty where there is none.
installed_version() { (kubelet --version 2>/dev/null || true) | sed -n 's/^Kubernetes v//p'; }

add_repository() { # <repository of the minor>
  local key
  key="$(curl -fsSL --retry 3 --max-time 60 "$1/Release.key")" || die "no answer from $1/Release.key" 'the machine needs a way to that host'
  printf '%s\n' "$key" | write_file "$keyring" 0644 || exit 1
  printf 'deb [signed-by=%s] %s/ /\n' "${keyring#"$root"}" "$1" | write_file "$root/etc/apt/sources.list.d/kubernetes.list" 0644 || exit 1
}

install_kubernetes() { # <version>
  local name words=
  for name in kubeadm kubelet kubectl; do words="$words $name=$1-*"; done
  # A held package that is not installed makes a plain install fail.
  # shellcheck disable=SC2086
  apt_get install --yes --no-install-recommends --allow-change-held-packages --allow-downgrades $words
  apt-mark hold kubeadm kubelet kubectl >/dev/null
}

# containerd_settings <pause image>: the plugins changed their names with containerd 2, and what stands under a wrong name is silently ignored. Its cgroups
# are systemd's on cgroup v2; kubelet is told what stands here.
containerd_settings() {
  local pause="$1" major images registry runtime systemd=false
  major="$(containerd --version | sed -nE 's/.* v?([0-9]+)\.[0-9]+\..*/\1/p')"
  [[ "$major" =~ ^[0-9]+$ ]] || die "no version in what containerd says: $(containerd --version)"
  [[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]] || systemd=true
  if [[ "$major" -ge 2 ]]; then
    images="io.containerd.cri.v1.images" registry="io.containerd.cri.v1.images" runtime="io.containerd.cri.v1.runtime"
    printf 'version = 3\n\n[plugins."%s".pinned_images]\n  sandbox = "%s"\n' "$images" "$pause"
  else
    registry="io.containerd.grpc.v1.cri" runtime="io.containerd.grpc.v1.cri"
    printf 'version = 2\n\n[plugins."%s"]\n  sandbox_image = "%s"\n' "$registry" "$pause"
  fi
  printf '\n[plugins."%s".registry]\n  config_path = "/etc/containerd/certs.d"\n' "$registry"
  printf '\n[plugins."%s".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n' "$runtime"
  printf '\n  [plugins."%s".containerd.runtimes.runc.options]\n    SystemdCgroup = %s\n' "$runtime" "$systemd"
}

configure() { # <version>
  local pause config="$root/etc/containerd/config.toml"
  pause="$(kubeadm config images list --kubernetes-version "v$1" 2>/dev/null | grep /pause:)" || die "kubeadm names no pause image for v$1"
  containerd_settings "$pause" | write_file "$config" 0644 "$config.changed" || exit 1
  printf 'runtime-endpoint: unix:///run/containerd/containerd.sock\n' | write_file "$root/etc/crictl.yaml" 0644 || exit 1
  printf 'overlay\nbr_netfilter\n' | write_file "$root/etc/modules-load.d/flotilla.conf" 0644 || exit 1
  # After 50-default.conf, whose rp_filter would win.
  printf '%s\n' 'net.ipv4.ip_forward = 1' 'net.ipv4.conf.all.rp_filter = 0' 'fs.inotify.max_user_instances = 8192' \
    'fs.inotify.max_user_watches = 524288' | write_file "$root/etc/sysctl.d/99-zz-flotilla.conf" 0644 || exit 1
  modprobe -a overlay br_netfilter 2>/dev/null || true
  sysctl -q --system >/dev/null 2>&1 || true
  swapoff -a
  [[ ! -s "$root/etc/fstab" ]] || sed -E '/^[^#].*[[:space:]]swap[[:space:]]/s/^/# /' "$root/etc/fstab" | write_file "$root/etc/fstab" 0644 || exit 1
  if [[ -e "$config.changed" ]]; then
    systemctl restart containerd
    rm -f "$config.changed"
  fi
}

main() {
  local kubernetesVersion repository found minor
  # INPUT is JSON, and a cloud image has nothing that reads it.
  if ! command -v jq >/dev/null; then
    apt_get update
    apt_get install --yes jq
  fi
  read_input kubernetesVersion repository
  found="$(installed_version)"
  # The node image, which has its own settings for a machine in a container.
  [[ "$found" != "$kubernetesVersion" || -e "$root/etc/apt/sources.list.d/kubernetes.list" ]] || return 0
  [[ -z "$found" || "$found" == "$kubernetesVersion" || ! -e "$root/etc/kubernetes/kubelet.conf" ]] ||
    die "$FLOTILLA_NODE is in a cluster with kubelet $found, the fleet wants $kubernetesVersion" 'a new patch is not laid under a running node: replace the node'
  minor="${kubernetesVersion%.*}"
  if [[ "$found" != "$kubernetesVersion" ]] || ! command -v containerd >/dev/null; then
    apt_get update
    # shellcheck disable=SC2086
    apt_get install --yes --no-install-recommends $base_packages
    add_repository "$repository/v$minor/deb"
    apt_get update
    install_kubernetes "$kubernetesVersion"
  fi
  configure "$kubernetesVersion"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
