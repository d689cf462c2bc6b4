# shellcheck shell=bash
# What providers share whose machines get their addresses by DHCP: the inventory, and what the host looks like from a machine.
# Works on bash 3.2. Wants input.sh, file.sh, deployment.sh, ssh.sh and host-registry.sh.

# remember_node <deployment> <node> <provider>: INPUT becomes nodes/<node>.json before there is a machine, so that whoever takes the node out finds it.
# What is known of its address stays.
remember_node() {
  local before='{}' file="$1/nodes/$2.json"
  [[ ! -r "$file" ]] || before="$(jq -c '{address, gateway, registry} | with_entries(select(.value != null))' "$file" 2>/dev/null)" || before='{}'
  jq --argjson before "$before" --arg provider "$3" '$before + del(.deployment) + {provider: $provider}' <<<"$INPUT" | write_file "$file" 0644 || exit 1
}

# remember_address <deployment> <node> <address> <gateway> <registry>: a node that has had another address is marked with it, for readdress.sh to repair what knew it.
remember_address() {
  local file="$1/nodes/$2.json" before
  before="$(jq -r '.address // empty' "$file")"
  # First the mark: repairing what is right costs little.
  [[ -z "$before" || "$before" == "$3" || -s "$1/nodes/.moved-$2" ]] || printf '%s\n' "$before" >"$1/nodes/.moved-$2"
  jq --arg address "$3" --arg gateway "$4" --arg registry "$5" '. + $ARGS.named' "$file" | write_file "$file" 0644 || exit 1
}

# host_from_machine <deployment> <node> <address>: prints "<its gateway> <our address as it sees us>".
host_from_machine() {
  local seen
  # shellcheck disable=SC2016
  seen="$(ssh_at "$1" "$2" "$3" 'ip -4 route show default; echo "from $SSH_CONNECTION"' </dev/null)" || return 1
  awk '$1 == "default" && $2 == "via" && !gateway {gateway = $3} $1 == "from" {host = $2} END {if (!gateway) gateway = host; print gateway, host}' <<<"$seen"
}

# await_machine <deployment> <uid> <node> <seconds> <log>: until it lets us in; then its address, and what the host is to it, go into nodes/<node>.json. Wants
# three functions of the provider: address_now (prints it), lives, let_us_in <address>.
await_machine() {
  local address='' seen registry deadline=$((SECONDS + $4))
  # An address may be one that was leased to somebody else meanwhile: only who has our host key is the machine.
  until address="$(address_now)" && [[ -n "$address" ]] && let_us_in "$address"; do
    lives || die "the machine of $3 ended while it started" "its log: $5" "$(tail -n 5 "$5" 2>/dev/null)"
    [[ "$SECONDS" -lt "$deadline" ]] || die "the machine of $3 (${address:-no address}) does not let us in after $4 s" "its log: $5" \
      "$(ssh_at "$1" "$3" "${address:-none}" true 2>&1 </dev/null)"
    sleep 0.2
  done
  seen="$(host_from_machine "$1" "$3" "$address")" || die "$3 ($address) does not tell its gateway"
  registry="$(host_registry "$1" "$2" "${seen#* }")" || exit 1
  remember_address "$1" "$3" "$address" "${seen% *}" "$registry"
}

# power_off <deployment> <node> <seconds>: asks the machine to end, by its hypervisor where SSH does not get there, and waits until it has. The caller cuts its
# power afterwards, whatever came of it. Wants two functions of the provider: runs, ask_to_end (by the hypervisor; returns at once).
power_off() {
  local deadline=$((SECONDS + $3))
  if ! node_ssh "$1" "$2" systemctl --no-block poweroff </dev/null 2>/dev/null; then
    log "$2 is not reached by SSH: its hypervisor asks it to end"
    ask_to_end || log "the hypervisor does not pass it on to $2"
  fi
  while runs; do
    [[ "$SECONDS" -lt "$deadline" ]] || {
      log "$2 is not off after $3 s: cutting its power"
      return 0
    }
    sleep 0.5
  done
}
