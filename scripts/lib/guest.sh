# shellcheck shell=bash
# Runs a script of scripts/guest on a node. Works on bash 3.2.

# guest_parcel <node> <guest/script.sh> <input, one JSON>: prints what scripts/guest/receive.sh unpacks; standard input is a secret.
guest_parcel() {
  local node="$1" script="$2" input="$3" scripts line
  scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
  [[ -r "$scripts/$script" ]] || die "there is no guest script \"$script\" in $scripts"
  line="$input"
  [[ "$line" != *$'\n'* ]] || line="$(jq -c . <<<"$input")"
  printf '%s %s\n%s\n' "$script" "$node" "$line"
  base64 | tr -d '\n'
  printf '\n'
  COPYFILE_DISABLE=1 tar -C "$scripts" -cf - lib guest
}

# run_guest <deployment> <node> <guest/script.sh> <input, one JSON>: standard input is a secret and arrives as the 0600 file $SECRET_FILE;
# give </dev/null where there is none. Output and exit code of the script pass through.
run_guest() {
  local deployment="$1" node="$2"
  shift 2
  guest_parcel "$node" "$@" | node_ssh "$deployment" "$node" "$(cat "$(dirname "${BASH_SOURCE[0]}")/../guest/receive.sh")"
}
