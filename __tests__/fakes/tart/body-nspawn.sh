# shellcheck shell=bash
# shellcheck disable=SC2154 # here, fake and vms are bin/tart's
# The body of a fake Tart machine: a real one of systemd-nspawn, born as the clones of a public image are (image-nspawn.sh). Linux as root only.
#
# The contract of a body is told in body-process.sh. What this one wants of the fake host: $fake/node-image.json {rootfs, containerd}, as sources.json's nodeImage.
# $fake/vmnet {bridge, network} is its network, made with the first machine and gone with the last; leases are the lines "<name> <address>" of $fake/leases,
# which a test may edit while a machine is off. The address is laid into the machine before it starts: that stands for its DHCP client.
# A machine gets the memory that Tart gives it, but never less than kubeadm wants: sizes in a fleet for Macs are only numbers here.

body_least_memory_mib=2048
body_scripts="$(cd "$here/../../../scripts" && pwd)"

# In a shell of its own, so that the product's functions cannot take the place of ours.
body_with_product() ( # <command …>
  # shellcheck source=../../../scripts/lib/input.sh
  . "$body_scripts/lib/input.sh"
  # shellcheck source=../../../scripts/lib/deployment.sh
  . "$body_scripts/lib/deployment.sh"
  # shellcheck source=../../../scripts/lib/cgroup.sh
  . "$body_scripts/lib/cgroup.sh"
  # shellcheck source=../../../scripts/lib/machine.sh
  . "$body_scripts/lib/machine.sh"
  "$@"
)

body_node_image() { jq -er ".$1 // \"\"" "$fake/node-image.json"; }

body_lower() { printf '%s:%s\n' "$fake/image/layer" "$(body_node_image rootfs)"; }

# body_vmnet <bridge | network>: prints it; the first to ask makes the network, a /24 beside the one that Tart usually has, so that nothing can count on that.
body_vmnet() (
  exec 9>/run/lock/flotilla-fake-vmnet
  flock 9
  if [[ ! -e "$fake/vmnet" ]]; then
    used="$(ip -j -4 address show | jq -r '.[].addr_info[].local')"
    third=65
    while grep -q "^192\.168\.$third\." <<<"$used"; do third=$((third + 1)); done
    printf '{"bridge":"fv%s","network":"192.168.%s"}\n' "$(sha256sum <<<"$TART_HOME" | cut -c1-8)" "$third" >"$fake/vmnet.new"
    mv "$fake/vmnet.new" "$fake/vmnet"
  fi
  bridge="$(jq -r .bridge "$fake/vmnet")"
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    ip link add "$bridge" type bridge
    sysctl -qw "net.ipv4.conf.$bridge.rp_filter=0"
    ip link set "$bridge" up
    ip address replace "$(jq -r .network "$fake/vmnet").1/24" dev "$bridge"
  fi
  jq -r ".$1" "$fake/vmnet"
)

# body_lease <folder>: prints the machine's address, the lowest free one when it has none.
body_lease() (
  name="${1##*/}" network="$(body_vmnet network)"
  exec 9>"$fake/leases.lock"
  flock 9
  if ! grep -q "^$name " "$fake/leases" 2>/dev/null; then
    host=2
    while grep -q " $network\.$host\$" "$fake/leases" 2>/dev/null; do host=$((host + 1)); done
    printf '%s %s.%s\n' "$name" "$network" "$host" >>"$fake/leases"
  fi
  sed -n "s/^$name //p" "$fake/leases"
)

body_create() {
  bash "$here/../tart/image-nspawn.sh" "$fake/image" "$(body_node_image rootfs)"
  mkdir -p "$1/body"/{upper,work,merged,containerd}
  chmod 0755 "$1/body/upper"
  body_with_product seed_images "$1/body" "$(body_node_image containerd)"
}

# body_watch <folder>: waits for the end of who holds the other end of our standard input, however it ends; then nothing of the machine runs.
body_watch() {
  trap '' TERM INT HUP
  cat >/dev/null
  body_with_product cut_power "${1##*/}" "$1/body"
}

body_start() {
  local body="$1/body" bridge network code=0 watcher memory
  bridge="$(body_vmnet bridge)"
  network="$(body_vmnet network)"
  memory="$(jq .memoryMiB "$1/config.json")"
  body_with_product cut_power "${1##*/}" "$body"
  rm -f "$body/cut"
  exec 7> >(body_watch "$1")
  watcher="$!"
  body_with_product mount_machine "$body" "$(body_lower)"
  mkdir -p "$body/merged/etc/flotilla"
  # machine-start sources it: its network card is the one that Tart knows.
  printf 'ip link set host0 address %s || true\nADDRESS=%s/24\nGATEWAY=%s.1\n' "$(jq -r .macAddress "$1/config.json")" "$(body_lease "$1")" "$network" \
    >"$body/merged/etc/flotilla/network.env"
  : >"$body/wanted"
  : >"$body/leased"
  bash "$body_scripts/host/nspawn/run-machine.sh" "$body" "${1##*/}" "$bridge" "$((memory > body_least_memory_mib ? memory : body_least_memory_mib))" \
    "$(jq .cpu "$1/config.json")" >"$body/console.log" 2>&1 </dev/null 7>&- || code=$?
  rm -f "$body/leased"
  exec 7>&-
  wait "$watcher" || true
  [[ "$code" -eq 0 || -e "$body/cut" ]]
}

body_stop() {
  [[ -d "$1/body" ]] || return 0
  : >"$1/body/cut"
  body_with_product cut_power "${1##*/}" "$1/body"
}

# Machines are deleted side by side, and each could take another one's folder for a machine that stays.
body_delete() (
  exec 9>/run/lock/flotilla-fake-vmnet
  flock 9
  sed -i "/^${1##*/} /d" "$fake/leases" 2>/dev/null || true
  rm -rf "$1/body"
  for other in "$vms"/*/body; do [[ ! -d "$other" ]] || exit 0; done
  [[ ! -e "$fake/vmnet" ]] || ip link delete "$(jq -r .bridge "$fake/vmnet")" 2>/dev/null || true
  rm -f "$fake/vmnet"
)

body_address() {
  [[ -e "$1/body/leased" && -n "$(body_with_product supervisor_of "${1##*/}")" ]] && sed -n "s/^${1##*/} //p" "$fake/leases"
}
