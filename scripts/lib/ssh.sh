# shellcheck shell=bash
# The only place that knows how a node is reached. Works on bash 3.2.

known_hosts_of() { printf '%s\n' "$1/secrets/ssh/known_hosts.d/$2"; } # <deployment> <node>

# node_ssh <deployment> <node> <command …>: runs it on the node as root; standard input, output and exit code pass through (255: no connection).
node_ssh() {
  local deployment="$1" node="$2" address
  shift 2
  address="$(node_field "$deployment" "$node" address)"
  ssh_at "$deployment" "$node" "$address" "$@"
}

ssh_at() { # <deployment> <node> <address> <command …>
  local deployment="$1" node="$2" address="$3"
  shift 3
  # The host key was made with the machine, so a stranger at its address is refused, also the first time.
  ssh -F /dev/null -i "$deployment/secrets/ssh/id_ed25519" -o IdentitiesOnly=yes -o IdentityAgent=none \
    -o BatchMode=yes -o StrictHostKeyChecking=yes -o HostKeyAlias="$node" -o HostKeyAlgorithms=ssh-ed25519 \
    -o UserKnownHostsFile="\"$(known_hosts_of "$deployment" "$node")\"" -o GlobalKnownHostsFile=/dev/null \
    -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=6 -o LogLevel=ERROR \
    "root@$address" "$@"
}

# wait_ssh <deployment> <node> <address> <seconds>
wait_ssh() {
  local deadline=$((SECONDS + $4))
  until ssh_at "$1" "$2" "$3" true </dev/null 2>/dev/null; do
    [[ "$SECONDS" -lt "$deadline" ]] || return 1
    sleep 0.1
  done
}
