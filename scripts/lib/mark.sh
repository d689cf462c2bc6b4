# shellcheck shell=bash
# By what a machine is known to be ours where it cannot carry a mark itself: a file machines/<node>.json in the host's data of the deployment.
# Works on bash 3.2. Wants input.sh, file.sh, deployment.sh, ssh.sh and lock.sh.

checkout_of() { dirname "$(dirname "$1")"; } # <deployment>

# claim_host <deployment> <uid> <provider>: who all this belongs to, for people and for `destroy --uid`.
claim_host() {
  jq -n --arg uid "$2" --arg deployment "$(basename "$1")" --arg checkout "$(checkout_of "$1")" --arg provider "$3" '$ARGS.named' |
    write_file "$(host_data)/$2/owner.json" 0644 || exit 1
}

mark_of() { printf '%s/%s/machines/%s.json\n' "$(host_data)" "$1" "$2"; } # <uid> <node>

# mark_stage <uid> <node>: making (may be half a machine), made (has its sizes and its own hardware address), met (only our key gets in), or nothing.
mark_stage() { jq -r '.stage // empty' "$(mark_of "$1" "$2")" 2>/dev/null || true; }

write_mark() { # <uid> <node> <stage>
  jq -n --arg uid "$1" --arg node "$2" --arg stage "$3" '$ARGS.named' | write_file "$(mark_of "$1" "$2")" 0644 || exit 1
}

is_ours() { # <deployment> <uid> <node>
  [[ -n "$(mark_stage "$2" "$3")" ]] || jq -e --arg uid "$2" '.uid == $uid' "$1/nodes/$3.json" >/dev/null 2>&1
}

# assert_ours <deployment> <uid> <node>: for a machine of our name that exists. Neither host nor deployment knowing of it, it is somebody else's.
assert_ours() {
  is_ours "$@" || die "a machine of the name $(machine_name "$2" "$3") exists, and nothing on this host says that it is node \"$3\" of deployment $2" \
    'look into it; if nobody needs it: delete it by hand, then run the same command again'
}

# lock_machine <uid> <node>: one start at a time; the lock lives as long as descriptor 8 of the caller and of what it starts.
lock_machine() {
  local lock
  lock="$(mark_of "$1" "$2")"
  lock="${lock%.json}.lock"
  mkdir -p "$(dirname "$lock")"
  exec 8>"$lock"
  lock_descriptor 8 60 || die "another start of $(machine_name "$1" "$2") has been at work for 60 s" "see who it is: lsof $lock"
}

# forget_machine <deployment> <uid> <node>: the mark goes last but one; a deletion that was killed half-way is still known as ours.
forget_machine() {
  local mark
  mark="$(mark_of "$2" "$3")"
  rm -f "$(known_hosts_of "$1" "$3")" "$1/nodes/.moved-$3" "${mark%.json}.plist"{,.changed} "${mark%.json}.log" "${mark%.json}.sizes" "$mark" "${mark%.json}.lock"
}

# known_nodes <deployment> <uid>: nodes of which this deployment or this host has ever heard.
known_nodes() {
  local path
  for path in "$1"/nodes/*.json "$(host_data)/$2/machines"/*.json; do
    [[ -e "$path" ]] || continue
    path="${path##*/}"
    printf '%s\n' "${path%.json}"
  done | sort -u
}

# print_machines <deployment>: standard input = lines "<node> <state> [<address>]"; prints what machines.sh promises.
print_machines() {
  local known state address unknown
  while read -r known state address; do
    unknown=false
    [[ -e "$1/nodes/$known.json" ]] || unknown=true
    printf '%s %s %s %s\n' "$known" "$state" "$unknown" "$address"
  done | jq -Rsc '{machines: [split("\n")[] | select(. != "") | split(" ") | {node: .[0], state: .[1]}
    + (if .[2] == "true" then {unknown: true} else {} end) + (if .[3] != "" then {address: .[3]} else {} end)]}'
}
