#!/usr/bin/env bash
# Makes OUTDIR/layer, a file system layer that turns our node image into what Cirrus Labs' Ubuntu image is to a clone: one user admin with the password
# admin, and an identity that all clones share. Safe to run twice: a layer that is there stays, one at a time.
#   arguments OUTDIR ROOTFS
set -euo pipefail

work=

# As in the image: sshd takes the first value that it reads, so cloud-init's file beats the one of the cloud image.
lay_sshd() { # <root>
  rm -f "$1/etc/ssh/sshd_config.d/flotilla.conf"
  echo 'PasswordAuthentication yes' >"$1/etc/ssh/sshd_config.d/50-cloud-init.conf"
  echo 'PasswordAuthentication no' >"$1/etc/ssh/sshd_config.d/60-cloudimg-settings.conf"
  ssh-keygen -q -A -f "$1"
}

lay_user() { # <root>
  chroot "$1" useradd --create-home --shell /bin/bash --groups sudo --password "$(openssl passwd -6 admin)" admin
  install -m 0440 /dev/stdin "$1/etc/sudoers.d/admin" <<<'admin ALL=(ALL) NOPASSWD:ALL'
}

lay_identity() { # <root>
  echo ubuntu >"$1/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 ubuntu\n' >"$1/etc/hosts"
  # What an image that was booted once has, the same for every clone.
  echo c1a55e0f5ba5e0000000000000000001 >"$1/etc/machine-id"
  mkdir -p "$1/etc/cloud/cloud.cfg.d"
  printf 'datasource_list: [None]\nssh_pwauth: true\n' >"$1/etc/cloud/cloud.cfg.d/99_cirruslabs.cfg"
}

main() {
  local out="$1" rootfs="$2"
  mkdir -p "$out"
  exec 9>"$out/lock"
  flock 9
  [[ ! -d "$out/layer" ]] || return 0
  work="$(mktemp -d "$out/making.XXXXXX")"
  trap 'umount "$work/root" 2>/dev/null || true; rm -rf "$work"' EXIT
  mkdir "$work"/{layer,work,root}
  chmod 0755 "$work/layer"
  mount -t overlay making -o "lowerdir=$rootfs,upperdir=$work/layer,workdir=$work/work" "$work/root"
  lay_sshd "$work/root"
  lay_user "$work/root"
  lay_identity "$work/root"
  umount "$work/root"
  mv "$work/layer" "$out/layer"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
