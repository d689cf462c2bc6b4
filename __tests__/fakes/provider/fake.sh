# shellcheck shell=bash
# What the fake programs share: one folder, FLOTILLA_FAKE_STATE, stands for the host and all its machines.
#   machines/<node>/{machine.json,pid,...}  calls (a JSON per line)  seen (what /proc shows of callers, where `watch` exists)
#   faults ("<program>[/<node>]:<n>:<action>" per line: the nth call exits, hangs until `go-on` exists, is killed, or does its own `hold`;
#   "<n>+" stands for that call and all that come after it)
state="${FLOTILLA_FAKE_STATE:?must name the folder of the fake host}"
# What the fakes themselves do is nobody's call.
PATH="${PATH//"${state%/state}/bin:"/}"

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# record <program> <node> <what>
record() {
  local what="${3//[\"\\]/}"
  printf '{"program":"%s","node":"%s","what":"%s","at":%s}\n' "$1" "$2" "${what//$'\n'/ }" "$EPOCHREALTIME" >>"$state/calls"
  [[ ! -e "$state/watch" ]] || look_at_callers >>"$state/seen"
}

# Everybody on the host can read a command line, and root every environment.
look_at_callers() {
  local process="$BASHPID" stat
  while [[ "$process" -gt 1 ]]; do
    # A caller may be gone already.
    { tr '\0' '\n' <"/proc/$process/cmdline" && tr '\0' '\n' <"/proc/$process/environ"; } 2>/dev/null || true
    read -r stat <"/proc/$process/stat" 2>/dev/null || return 0
    stat="${stat##*) }"
    stat="${stat#* }"
    process="${stat%% *}"
  done
}

# fault <program> <node>: acts as the plan says of this call; "hold" is left to the caller, in $fault.
fault() {
  local key count
  fault=
  [[ -s "$state/faults" ]] || return 0
  for key in "$1" "$1/$2"; do
    # shellcheck disable=SC2016
    count="$(flock "$state/faults" bash -c 'echo >>"$1"; wc -l <"$1"' count "$state/count-${key//\//+}")"
    fault="$(awk -F: -v key="$key" -v count="$count" '$1 == key && ($2 == count || ($2 ~ /[+]$/ && count + 0 >= $2 + 0)) {print $3; exit}' "$state/faults")"
    [[ -z "$fault" ]] || break
  done
  case "$fault" in
    exit) fail "$1 of $2 fails: the fault plan says so" ;;
    kill) kill -KILL "$$" ;;
    slow) sleep 25 ;;
    hang)
      echo "$key" >>"$state/hanging"
      until [[ -e "$state/go-on" ]]; do sleep 0.05; done
      ;;
  esac
}

# field <name> <json>: a text field's value; jq would take longer than all the rest of a fake.
field() {
  [[ "$2" =~ \"$1\":\ ?\"([^\"]*)\" ]] || fail "there is no \"$1\" in $2"
  printf '%s\n' "${BASH_REMATCH[1]}"
}

machine_of() { printf '%s/machines/%s\n' "$state" "$1"; }

is_running() { # <node>
  local process
  read -r process 2>/dev/null <"$(machine_of "$1")/pid" && grep -qs fake-machine "/proc/$process/cmdline"
}

power_off() { # <node>
  local process
  ! is_running "$1" || {
    read -r process <"$(machine_of "$1")/pid"
    kill -KILL "$process"
    while is_running "$1"; do sleep 0.01; done
  }
}

# members_of <folder of a control plane>: the file that stands for its etcd, named by the cluster's CA, a member a line.
members_of() { printf '%s/etcd/%s\n' "$state" "$(cat "$1/ca")"; }

# has_quorum <folder of a control plane>: it is a member, and more than half of the members run; one that was made again under its old name does not.
has_quorum() {
  local members member votes=0
  members="$(members_of "$1")"
  [[ -e "$1/admin.conf" ]] && grep -qsx "${1##*/}" "$members" || return 1
  while read -r member; do
    ! { is_running "$member" && cmp -s "$1/ca" "$(machine_of "$member")/ca"; } || votes=$((votes + 1))
  done <"$members"
  [[ $((votes * 2)) -gt "$(wc -l <"$members")" ]]
}
