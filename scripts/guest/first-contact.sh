#!/usr/bin/env bash
# First contact with a machine cloned from a public image: our key, an identity of its own, no password over SSH. Prints its SSH host key.
# Safe to run twice and to be killed anywhere: the key comes first, the password goes last.
#   INPUT {machine: "f<uid>-<node>", authorizedKey: "ssh-ed25519 …", macAddress: "52:54:…"?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"

# The root of the file system; another one in trials.
root="${ROOT_FOLDER:-}"
# Whose identity this machine has: a clone of a prepared machine carries another one's.
identity_mark="$root/etc/flotilla/identity"
host_key="$root/etc/ssh/ssh_host_ed25519_key"

# An address that was leased to another one meanwhile leads to a machine of somebody, who may have the same image and password.
assert_met() { # <hardware address>
  local known found
  [[ -n "$1" ]] || return 0
  known="$(cat "$root"/sys/class/net/*/address)"
  for found in $known; do [[ "$found" != "$1" ]] || return 0; done
  die "the machine that answers for $FLOTILLA_NODE is another one: it has no network card $1" 'nothing was changed there; run it again when the lease of the address has expired: npm start'
}

# Nothing but our key: what an image brings along is known to everybody.
allow_key() { # <authorized key>
  install -d -m 0700 "$root/root/.ssh"
  printf '%s\n' "$1" | write_file "$root/root/.ssh/authorized_keys" 0600 || exit 1
}

# The clones of an image have its host keys, whose private halves are public. sshd must find one at every moment, or the machine is lost with a power cut.
make_host_key() {
  rm -f "$host_key".new*
  ssh-keygen -q -t ed25519 -N '' -C "$FLOTILLA_NODE" -f "$host_key.new"
  sync "$host_key.new"
  mv -f "$host_key.new" "$host_key"
  mv -f "$host_key.new.pub" "$host_key.pub"
  rm -f "$root"/etc/ssh/ssh_host_{rsa,ecdsa,dsa}_key{,.pub}
}

# What cloud-init would undo at the next start: names, keys and, in this image, `ssh_pwauth: true`. It still grows the disk.
hold_cloud_init() {
  [[ ! -d "$root/etc/cloud/cloud.cfg.d" ]] ||
    printf '%s\n' 'preserve_hostname: true' 'manage_etc_hosts: false' 'ssh_deletekeys: false' 'ssh_pwauth: false' |
    write_file "$root/etc/cloud/cloud.cfg.d/99_flotilla.cfg" 0644 || exit 1
}

take_identity() { # <machine>
  [[ "$(cat "$identity_mark" 2>/dev/null)" != "$1" ]] || return 0
  hold_cloud_init
  printf '%s\n' "$FLOTILLA_NODE" | write_file "$root/etc/hostname" 0644 || exit 1
  hostname "$FLOTILLA_NODE"
  # A node that calls itself 127.0.1.1 sends its pods to themselves.
  sed '/^127\.0\.1\.1[[:space:]]/d' "$root/etc/hosts" | write_file "$root/etc/hosts" 0644 || exit 1
  # Not by systemd-machine-id-setup, which likes to take the one that it was cloned with.
  tr -d - </proc/sys/kernel/random/uuid | write_file "$root/etc/machine-id" 0444 || exit 1
  [[ ! -d "$root/var/lib/dbus" ]] || ln -sfn /etc/machine-id "$root/var/lib/dbus/machine-id"
  make_host_key
  printf '%s\n' "$1" | write_file "$identity_mark" 0644 || exit 1
  # It writes into a folder of the old machine-id until then.
  systemctl try-restart systemd-journald.service || true
}

# sshd takes the first value that it reads, and cloud images say `PasswordAuthentication yes` in 50-cloud-init.conf.
refuse_passwords() {
  local settings verdict
  settings="$(printf '%s\n' 'PermitRootLogin prohibit-password' 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' \
    'SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')"
  printf '%s\n' "$settings" | write_file "$root/etc/ssh/sshd_config.d/00-flotilla.conf" 0644 || exit 1
  verdict="$(sshd -T -C user=admin,host=localhost,addr=127.0.0.1)" || die "sshd of $FLOTILLA_NODE does not like its own settings" "look, on the machine: sshd -t"
  [[ "$(grep -cxE '(passwordauthentication|kbdinteractiveauthentication) no' <<<"$verdict")" -eq 2 ]] ||
    die "sshd of $FLOTILLA_NODE takes passwords in spite of sshd_config.d/00-flotilla.conf" \
      'its sshd_config must say "Include /etc/ssh/sshd_config.d/*.conf" before anything else: take another image'
  # Connections that there are, this one too, outlive it.
  systemctl restart ssh.service
}

main() {
  local machine authorizedKey macAddress
  read_input machine authorizedKey 'macAddress?'
  need ssh-keygen sshd systemctl
  assert_met "$macAddress"
  allow_key "$authorizedKey"
  take_identity "$machine"
  refuse_passwords
  ssh-keygen -y -f "$host_key" | cut -d' ' -f1,2
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
