# shellcheck shell=bash
# What the scripts of Multipass share. Works on bash 3.2. Wants input.sh, deployment.sh and mark.sh.

# multipass_look <machine>: prints what Multipass knows of it as JSON, nothing when there is none. Any other answer is no answer.
multipass_look() {
  local said
  if said="$(multipass info "$1" --format json 2>/dev/null)"; then
    jq -c --arg name "$1" '.info[$name]' <<<"$said"
  else
    said="$(multipass info "$1" --format json 2>&1 >/dev/null)" || true
    [[ "$said" == *"\"$1\" does not exist"* ]] || die "multipass does not tell whether there is an instance $1: $said" "see for yourself: multipass info $1"
  fi
}

# multipass_state <machine>: prints running, stopped, deleted (it can be recovered), another state in its own word, or nothing. Ends the script when Multipass
# does not tell.
multipass_state() {
  local said
  said="$(multipass_look "$1")" || exit 1
  jq -r '.state | ascii_downcase' <<<"$said"
}

# multipass_runs <machine>: whatever may be running or on its way there: multipassd starts machines again by itself, and knows nothing of some for a while.
multipass_runs() {
  local state
  state="$(multipass_state "$1")" || exit 1
  case "$state" in '' | stopped | deleted | suspended) return 1 ;; esac
}

# multipass_instances: prints a line "<machine> <state> <first address>" for each that there is. A node lists those of its pods too, its own comes first.
multipass_instances() {
  local said
  said="$(multipass list --format json)" || die 'multipass does not list its instances' 'see for yourself: multipass list'
  jq -r '.list[] | "\(.name) \(.state | ascii_downcase) \(.ipv4[0] // "")"' <<<"$said"
}

# cloud_init <node> <public key>: prints what the machine is told at its first start. Multipass would write /etc/hosts anew at every start, where our names are.
cloud_init() {
  jq -n --arg node "$1" --arg key "$2" '{hostname: $node, manage_etc_hosts: false, preserve_hostname: false, disable_root: false, ssh_pwauth: false,
    packages: ["jq"], users: ["default", {name: "root", ssh_authorized_keys: [$key]}]}' | { echo '#cloud-config' && cat; }
}
