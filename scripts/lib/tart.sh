# shellcheck shell=bash
# What the scripts of Tart share: looking, and the words of its command line. Works on bash 3.2. Wants input.sh, deployment.sh and mark.sh.

# Without it a full disk makes a clone delete images that other people's machines were made from.
export TART_NO_AUTO_PRUNE=1

# tart_look <machine>: prints what Tart knows of it as JSON, nothing when there is none. Any other answer is no answer: to clone over a machine that exists
# replaces it without a word.
tart_look() {
  local said
  if said="$(tart get "$1" --format json 2>/dev/null)"; then
    printf '%s\n' "$said"
  else
    said="$(tart get "$1" --format json 2>&1 >/dev/null)" || true
    [[ "$said" == *"\"$1\" does not exist"* ]] || die "tart does not tell whether there is a machine $1: $said" "see for yourself: tart get $1"
  fi
}

# tart_machines: prints a line "<machine> <running | stopped>" for each that there is.
tart_machines() {
  local said
  said="$(tart list --source local --format json)" || die 'tart does not list its machines' 'see for yourself: tart list'
  jq -r '.[] | "\(.Name) \(if .State == "running" or .Running == true then "running" else "stopped" end)"' <<<"$said"
}

# tart_runs <machine>: ends the script when Tart does not tell, because what starts a machine cuts the power of one that runs.
tart_runs() {
  local said
  said="$(tart_look "$1")" || exit 1
  [[ "$(jq -r .State <<<"$said")" == running ]]
}

tart_label() { printf 'flotilla.%s\n' "$(machine_name "$1" "$2")"; } # <uid> <node>

tart_file() { # <uid> <node> <plist | log>
  local mark
  mark="$(mark_of "$1" "$2")"
  printf '%s.%s\n' "${mark%.json}" "$3"
}

# tart_mac <machine>: prints its hardware address, which Tart itself does not tell.
tart_mac() { jq -r '.macAddress // empty' "${TART_HOME:-$HOME/.tart}/vms/$1/config.json" 2>/dev/null || true; }

# How an address is found out: macOS's own list of leases does not know what another network's DHCP gave.
tart_ip() { # <machine> <machineNetwork> <seconds>
  if [[ "$2" == bridged ]]; then set -- "$1" "$3" --resolver=arp; else set -- "$1" "$3"; fi
  tart ip "$1" --wait "$2" "${@:3}" 2>/dev/null
}

# tart_network <machineNetwork>: prints the word for `tart run`, nothing for Tart's own default.
tart_network() {
  case "$1" in
    # All of it: nothing less lifts the isolation of machines from each other.
    softnet) printf '%s\n' --net-softnet-allow=0.0.0.0/0 ;;
    bridged) printf -- '--net-bridged=%s\n' "$(route -n get default | awk '$1 == "interface:" {print $2}')" ;;
    nat) ;;
    *) die "machineNetwork is \"$1\"; Tart has softnet, nat and bridged" ;;
  esac
}

assert_network_possible() { # <machineNetwork>
  local softnet
  [[ "$1" == softnet ]] || return 0
  need softnet
  softnet="$(command -v softnet)"
  # Tart would ask for a password, and an agent has nobody to ask; a password that was just given in this terminal (-k) does not count there.
  [[ -n "$(find -L "$softnet" -prune -user 0 -perm -4000)" || "$(id -u)" -eq 0 ]] || sudo -k -n true 2>/dev/null || die "softnet may not open the network: $softnet does not run as root" \
    "once, and again after each upgrade of it: sudo chown root \"\$(realpath $softnet)\" && sudo chmod u+s \"\$(realpath $softnet)\"" \
    'or give the fleet machineNetwork: bridged'
}

# disk_gb <diskGiB>: Tart counts a disk in 10^9 bytes.
disk_gb() { printf '%s\n' "$((($1 * 1073741824 + 999999999) / 1000000000))"; }

# stop_tart <machine>: cuts its power. One that ended by itself in the same moment is off too.
stop_tart() {
  ! tart_runs "$1" || tart stop "$1" --timeout 30 >&2 || ! tart_runs "$1" || die "tart does not stop $1" "see for yourself: tart list"
}
