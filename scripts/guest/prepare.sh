#!/usr/bin/env bash
# Makes a booted machine fit for kubeadm: registry mirror, containerd, kubelet and kernel settings. Safe to run twice: what is right stays.
#   INPUT {kubernetesVersion: "1.35.4", mirrors: [{registry: "_default" | "docker.io", url: "http://10.77.0.1:5000"}]?, registry: the URL of a mirror for all, where
#   no mirrors are given?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

# The root of the file system; another one in trials.
root="${ROOT_FOLDER:-}"
mirror_folder="$root/etc/containerd/certs.d"

# set_mirrors <mirrors>: containerd reads these files at each pull: no restart. A registry without a mirror is asked itself, and so is one whose mirror is silent.
set_mirrors() {
  local registry url wanted=' '
  while read -r registry url; do
    [[ -n "$registry" ]] || continue
    wanted="$wanted$registry "
    printf '[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$url" | write_file "$mirror_folder/$registry/hosts.toml" 0644 || exit 1
  done < <(jq -r '.[] | "\(.registry) \(.url)"' <<<"$1")
  for registry in "$mirror_folder"/*/; do
    registry="$(basename "$registry")"
    [[ "$wanted" == *" $registry "* ]] || rm -f "$mirror_folder/$registry/hosts.toml"
  done
}

# Some machines share their host's kernel settings and may not write them; the host has them right then.
set_kernel() {
  local setting
  for setting in net.ipv4.ip_forward=1 fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=524288; do
    sysctl -qw "$setting" 2>/dev/null || [[ "$(sysctl -n "${setting%%=*}")" -ge "${setting#*=}" ]] ||
      log "note: ${setting%%=*} stays $(sysctl -n "${setting%%=*}"), wanted ${setting#*=}"
  done
}

# A control plane that lost its power does not say so. Without this the kubelet finds out after 45 s, and its node is given up by then.
notice_dead_servers() {
  local settings="$root/etc/systemd/system/kubelet.service.d/20-flotilla.conf"
  printf '[Service]\nEnvironment=HTTP2_READ_IDLE_TIMEOUT_SECONDS=5 HTTP2_PING_TIMEOUT_SECONDS=5\n' | write_file "$settings" 0644 "$settings.changed" || exit 1
  [[ -e "$settings.changed" ]] || return 0
  systemctl daemon-reload
  ! systemctl is-active --quiet kubelet || systemctl restart kubelet
  rm -f "$settings.changed"
}

main() {
  local registry mirrors kubernetesVersion version deadline
  read_input 'registry?' 'mirrors?' kubernetesVersion
  need kubeadm kubelet containerd systemctl
  version="$(kubelet --version)"
  [[ "${version##* }" == "v${kubernetesVersion#v}" ]] ||
    die "the node image has $version, the fleet wants v${kubernetesVersion#v}" 'replace the node, so that it is born from the right image'

  [[ -n "$mirrors" ]] || mirrors="$(jq -nc --arg url "$registry" 'if $url == "" then [] else [{registry: "_default", $url}] end')"
  set_mirrors "$mirrors"
  set_kernel
  notice_dead_servers
  systemctl is-active --quiet containerd || systemctl start containerd
  deadline=$((SECONDS + 20))
  until [[ -S /run/containerd/containerd.sock ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || die 'containerd makes no socket in 20 s' 'see why, on the node: journalctl -u containerd'
    sleep 0.1
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
