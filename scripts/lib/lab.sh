# shellcheck shell=bash
# The host's part of a deployment: bridge, registry and the claim on the host. Linux only. Wants deployment.sh.

checkout_of() { dirname "$(dirname "$1")"; } # <deployment>

# registry_config <deployment> <uid> [<name>]: its name stands on the registry's command line, by which we know ours again, also when the deployment's folder
# is lost. "-" or none is the registry of our own images, any other name that of a cache.
registry_config() { printf '%s/logs/registry-%s%s.yml\n' "$1" "$2" "$(registry_suffix "${3:--}")"; }
registry_suffix() { [[ "$1" == - ]] || printf '@%s' "$1"; }

# registry_process <uid> [<name>]: all of the deployment's when no name is given.
registry_process() {
  local suffix='(@[a-z0-9.-]+)?'
  [[ -z "${2:-}" ]] || suffix="$(registry_suffix "$2" | sed 's/[.]/[.]/g')"
  pgrep -f -- "registry serve .*/registry-$1$suffix\.yml\$" || true
}

stop_registry() { # <uid> [<name>]
  local process deadline=$((SECONDS + 10))
  while process="$(registry_process "$@")" && [[ -n "$process" ]]; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "the registry (process $process) does not die" 'see why: ps -o pid,stat,wchan,args'
    # shellcheck disable=SC2086
    kill -KILL $process 2>/dev/null || true
    sleep 0.05
  done
}

# claim_lives <owner.json>: the deployment that it names is still there and is the one that made the claim.
claim_lives() {
  local file
  file="$(jq -er '"\(.checkout)/.flotilla/\(.deployment)/deployment.json"' "$1" 2>/dev/null)" && [[ -r "$file" ]] &&
    jq -e --slurpfile claim "$1" '.uid != null and .uid == $claim[0].uid' "$file" >/dev/null 2>&1
}

# refuse_copy <deployment> <uid>: a copied folder says that the machines of the one that it was copied from are its own.
refuse_copy() {
  local claim holder
  claim="$(host_data)/$2/owner.json"
  claim_lives "$claim" || return 0
  holder="$(jq -r '"\(.checkout)/.flotilla/\(.deployment)"' "$claim")"
  [[ "$(cd "$holder" && pwd -P)" == "$1" ]] || die "uid $2 is that of $holder, and $1 says the same of itself" \
    "one of the two is a copy: delete $1 and run npm start for machines of its own, or work in the other"
}

# assert_claim <deployment> <uid> <cidr>: neither uid nor network is another deployment's, also not of one that is down. Under the claims' lock.
assert_claim() {
  local claim
  refuse_copy "$1" "$2"
  for claim in "$(host_data)"/*/owner.json; do
    [[ -r "$claim" && "$claim" != "$(host_data)/$2/owner.json" ]] || continue
    [[ "$(jq -r '.network // ""' "$claim" 2>/dev/null)" == "$3" ]] || continue
    die "the network $3 is held by $(jq -r '"\(.deployment) (uid \(.uid)) of \(.checkout)"' "$claim")" \
      "destroy one of the two: npx flotilla destroy, or npx flotilla destroy --uid $(jq -r .uid "$claim") where its folder is gone"
  done
}

# claims_lock: the one lock of all claims of this host; the command takes it too.
claims_lock() { printf '%s.lock\n' "${FLOTILLA_HOST_DATA:-/run/lock/flotilla}"; }

claim_host() { # <deployment> <uid> <cidr>
  local file
  file="$(host_data)/$2/owner.json"
  exec 7>"$(claims_lock)"
  flock -w 30 7 || die "$(claims_lock) is held by another for 30 s" "see who it is: fuser -v $(claims_lock)"
  assert_claim "$1" "$2" "$3"
  # What the command wrote beside these stays.
  { jq -c . "$file" 2>/dev/null || true; } | jq -s --arg uid "$2" --arg deployment "$(basename "$1")" --arg checkout "$(checkout_of "$1")" --arg network "$3" \
    '(.[0] // {}) + $ARGS.named' | write_file "$file" 0644 || exit 1
  exec 7>&-
}

fence_table() { printf 'flotilla_%s\n' "$1"; } # <uid>

assert_bridge_ours() { # <bridge> <cidr> <gateway>
  local other
  other="$(ip -j address show | jq -r --arg bridge "$1" --arg prefix "${3%.*}." \
    '[.[] | select(.ifname != $bridge) | .ifname as $n | .addr_info[]? | select(.local | startswith($prefix)) | "\($n) (\(.local))"] | join(", ")')"
  [[ -z "$other" ]] || die "addresses of $2 are in use by $other" "free them (ip link delete …), or destroy the deployment that made them"
  other="$(ip -j link show "$1" 2>/dev/null | jq -r '.[0].ifname // empty')" || return 0
  [[ -n "$other" ]] || return 0
  ip -j -d link show "$1" | jq -e '.[0].linkinfo.info_kind == "bridge"' >/dev/null ||
    die "the link $1 exists and is no bridge" "delete it if nobody needs it: ip link delete $1"
  other="$(ip -j -4 address show dev "$1" | jq -r --arg gateway "$3" '[.[].addr_info[].local | select(. != $gateway)] | join(", ")')"
  [[ -z "$other" ]] || die "the bridge $1 has the address $other, ours is $3" "delete it if nobody needs it: ip link delete $1"
}
