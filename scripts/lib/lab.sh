# shellcheck shell=bash
# The host's part of a deployment: bridge, registry and the claim on the host. Linux only. Wants deployment.sh.

checkout_of() { dirname "$(dirname "$1")"; } # <deployment>

# registry_config <deployment> <uid>: its name stands on the registry's command line, by which we know ours again, also when the deployment's folder is lost.
registry_config() { printf '%s/logs/registry-%s.yml\n' "$1" "$2"; }

registry_process() { pgrep -f -- "registry serve .*/registry-$1\.yml\$" || true; } # <uid>

stop_registry() { # <uid>
  local process deadline=$((SECONDS + 10))
  while process="$(registry_process "$1")" && [[ -n "$process" ]]; do
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

# assert_alone <deployment>: one checkout per host; the claim of a deployment that is lost does not count.
assert_alone() {
  local claim checkout ours
  ours="$(checkout_of "$1")"
  for claim in "$(host_data)"/*/owner.json; do
    claim_lives "$claim" || continue
    checkout="$(jq -r .checkout "$claim")"
    [[ "$checkout" != "$ours" ]] || continue
    die "second checkout on this host: $checkout holds deployment $(jq -r .uid "$claim") ($claim)" \
      "one checkout at a time; there: npx flotilla destroy, then try again here"
  done
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
