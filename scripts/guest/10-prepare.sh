#!/usr/bin/env bash
# Makes a booted machine fit for kubeadm: registry mirror, containerd, kernel settings. Safe to run twice: what is right stays.
#   INPUT {registry: "http://10.77.0.1:5000", kubernetesVersion: "1.35.4"}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

mirror_settings() { # <registry>
  printf '[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$1"
}

# Some machines share their host's kernel settings and may not write them; the host has them right then.
set_kernel() {
  local setting
  for setting in net.ipv4.ip_forward=1 fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288; do
    sysctl -qw "$setting" 2>/dev/null || [[ "$(sysctl -n "${setting%%=*}")" -ge "${setting#*=}" ]] ||
      log "note: ${setting%%=*} stays $(sysctl -n "${setting%%=*}"), wanted ${setting#*=}"
  done
}

main() {
  local registry kubernetesVersion version deadline
  read_input registry kubernetesVersion
  need kubeadm kubelet containerd systemctl
  version="$(kubelet --version)"
  [[ "${version##* }" == "v${kubernetesVersion#v}" ]] ||
    die "the node image has $version, the fleet wants v${kubernetesVersion#v}" 'replace the node, so that it is born from the right image'

  # containerd reads this file at each pull: no restart.
  mirror_settings "$registry" | write_file /etc/containerd/certs.d/_default/hosts.toml 0644 || true
  set_kernel
  systemctl is-active --quiet containerd || systemctl start containerd
  deadline=$((SECONDS + 20))
  until [[ -S /run/containerd/containerd.sock ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || die 'containerd makes no socket in 20 s' 'see why, on the node: journalctl -u containerd'
    sleep 0.1
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
