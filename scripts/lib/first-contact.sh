# shellcheck shell=bash
# The first words with a machine cloned from a public image, which everybody can log into. Works on bash 3.2. Wants input.sh, file.sh, deployment.sh, ssh.sh
# and guest.sh.

# stranger_ssh <deployment> <node> <address> <key | password> <user> <command …>: to a machine whose host key is not known yet, or (known) to one that it is.
# The password comes from a program that ssh starts: it stands on no command line and in no environment.
stranger_ssh() {
  local deployment="$1" node="$2" address="$3" how="$4" user="$5" known=/dev/null strict=no
  shift 5
  if [[ -e "$(known_hosts_of "$deployment" "$node")" ]]; then
    known="\"$(known_hosts_of "$deployment" "$node")\""
    strict=yes
  fi
  set -- -o StrictHostKeyChecking="$strict" -o UserKnownHostsFile="$known" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="$node" \
    -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=6 -o LogLevel=ERROR -o IdentityAgent=none -o NumberOfPasswordPrompts=1 "$user@$address" "$@"
  if [[ "$how" == key ]]; then
    ssh -F /dev/null -i "$deployment/secrets/ssh/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes "$@"
  else
    SSH_ASKPASS="$deployment/secrets/askpass-$node" SSH_ASKPASS_REQUIRE=force \
      ssh -F /dev/null -o PubkeyAuthentication=no -o PreferredAuthentications=password,keyboard-interactive "$@"
  fi
}

# The guest scripts read their input with jq, which an image may not bring.
bootstrap_jq="command -v jq >/dev/null || (dpkg --configure -a >&2; apt-get -qq -o DPkg::Lock::Timeout=300 update && DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y jq) >&2 || exit 1"

# first_contact <deployment> <node> <machine> <address> <user> <password> <hardware address, if known>: our key gets in as root, nothing else does, and its own host key is pinned. Safe to
# be killed anywhere and run again: whoever had no time to lay the key finds the password still good. Returns 1 while nobody lets us in; dies on what will not
# mend itself.
first_contact() {
  local deployment="$1" node="$2" machine="$3" address="$4" user="$5" asked how=key login=root receive input said host_key
  asked="$deployment/secrets/askpass-$node"
  mkdir -p "$deployment/secrets"
  # Another machine under the old name would be refused.
  rm -f "$(known_hosts_of "$deployment" "$node")"
  printf '#!/bin/sh\necho "%s"\n' "$6" | write_file "$asked" 0700 || exit 1
  if ! stranger_ssh "$deployment" "$node" "$address" key root true </dev/null 2>/dev/null; then
    stranger_ssh "$deployment" "$node" "$address" password "$user" true </dev/null 2>/dev/null || return 1
    how=password login="$user"
  fi

  receive="$(printf '%s\n%s' "$bootstrap_jq" "$(cat "$(dirname "${BASH_SOURCE[0]}")/../guest/receive.sh")")"
  # Quoted once more for the shell at the other end.
  [[ "$how" == key ]] || receive="sudo -n bash -c '$(printf '%s' "$receive" | sed "s/'/'\\\\''/g")'"
  input="$(jq -nc --arg machine "$machine" --arg authorizedKey "$(cat "$deployment/secrets/ssh/id_ed25519.pub")" --arg macAddress "${7:-}" '$ARGS.named')"
  # shellcheck source=../guest/first-contact.sh
  said="$(guest_parcel "$node" guest/first-contact.sh "$input" </dev/null | stranger_ssh "$deployment" "$node" "$address" "$how" "$login" "$receive")" ||
    die "the first contact with $node ($address) failed" 'run it again when the cause is gone: npm start'
  host_key="$(grep -E '^ssh-ed25519 [A-Za-z0-9+/=]+$' <<<"$said" | tail -n 1)" || die "$node tells no host key, but: $said"
  printf '%s %s\n' "$node" "$host_key" | write_file "$(known_hosts_of "$deployment" "$node")" 0600 || exit 1
  wait_ssh "$deployment" "$node" "$address" 30 || die "$node ($address) does not let our key in after the first contact: $(ssh_at "$deployment" "$node" "$address" true 2>&1 </dev/null)"
  assert_password_refused "$deployment" "$node" "$address" "$user"
  rm -f "$asked"
}

assert_password_refused() { # <deployment> <node> <address> <user>
  local said deadline=$((SECONDS + 20))
  while [[ "$SECONDS" -lt "$deadline" ]]; do
    if said="$(stranger_ssh "$1" "$2" "$3" password "$4" true 2>&1 </dev/null)"; then
      die "$2 ($3) still lets $4 in with the password of its image" 'look at sshd_config.d there: a setting before 00-flotilla.conf allows it'
    fi
    [[ "$said" != *'Permission denied'* ]] || return 0
    sleep 0.5
  done
  die "nobody could see that $2 ($3) refuses passwords: $said"
}
