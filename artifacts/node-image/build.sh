#!/usr/bin/env bash
# Makes the node image OUTDIR/rootfs and OUTDIR/digest. Safe to run twice: it starts from nothing and puts the result in place last.
#   argument OUTDIR; environment KUBERNETES_BIN (kubeadm, kubelet, kubectl), CNI_BIN, optional ETCD_BIN (etcdctl, etcdutl): folders of programs
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

die() {
  printf 'node-image: %s\n' "$@" >&2
  exit 1
}

bootstrap() { # <rootfs>
  local packages
  packages="$(paste -sd, "$here/packages.txt")"
  SOURCE_DATE_EPOCH=0 mmdebstrap --quiet --variant=minbase --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$1"
}

install_programs() { # <rootfs>
  install -m 0755 -t "$1/usr/bin" "$KUBERNETES_BIN/kubeadm" "$KUBERNETES_BIN/kubelet" "$KUBERNETES_BIN/kubectl"
  install -d -m 0755 "$1/opt/cni/bin"
  install -m 0755 -t "$1/opt/cni/bin" "$CNI_BIN"/*
  [[ -z "${ETCD_BIN:-}" ]] || install -m 0755 -t "$1/usr/bin" "$ETCD_BIN/etcdctl" "$ETCD_BIN/etcdutl"
}

configure() { # <rootfs>
  local unit
  cp -a --no-preserve=ownership "$here/rootfs/." "$1/"
  while read -r unit; do
    ln -sfn /dev/null "$1/etc/systemd/system/$unit"
  done <"$here/masked-units.txt"
  systemctl --quiet --root="$1" enable flotilla-machine.service kubelet.service containerd.service ssh.service
  systemctl --quiet --root="$1" set-default multi-user.target
  chroot "$1" usermod --password '*' root
}

# What differs between two builds of the same thing, and what no two machines may share.
remove_identity() { # <rootfs>
  rm -rf "$1"/etc/ssh/ssh_host_* "$1"/var/log/* "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/lib/dbus/machine-id \
    "$1"/var/cache/ldconfig/* "$1"/var/lib/systemd/random-seed "$1"/etc/resolv.conf "$1"/etc/hostname
  : >"$1/etc/machine-id"
  : >"$1/etc/resolv.conf"
}

content_digest() { # <rootfs>
  tar --sort=name --mtime=@0 --numeric-owner --create --file=- --directory="$1" . | sha256sum | cut -d' ' -f1
}

main() {
  local out="${1:-}" new
  [[ -n "$out" ]] || die 'usage: build.sh OUTDIR' 'OUTDIR is the folder that gets rootfs/ and digest'
  [[ -d "${KUBERNETES_BIN:-}" ]] || die "KUBERNETES_BIN is \"${KUBERNETES_BIN:-}\"; it must be the folder with kubeadm, kubelet and kubectl"
  [[ -d "${CNI_BIN:-}" ]] || die "CNI_BIN is \"${CNI_BIN:-}\"; it must be the folder with the CNI plugins"
  command -v mmdebstrap >/dev/null || die 'mmdebstrap is missing; apt-get install mmdebstrap'

  mkdir -p "$out"
  new="$out/rootfs.new"
  rm -rf "$new" "$out/rootfs" "$out/digest"
  bootstrap "$new"
  configure "$new"
  install_programs "$new"
  remove_identity "$new"
  content_digest "$new" >"$out/digest.new"
  mv "$new" "$out/rootfs"
  mv "$out/digest.new" "$out/digest"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
