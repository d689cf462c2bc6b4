# shellcheck shell=bash
# Reading INPUT, speaking and dying. Works on bash 3.2.

log() { printf '%s\n' "$*" >&2; }

# die <what is wrong> [<what to do> …]
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  [[ $# -eq 0 ]] || printf '  %s\n' "$@" >&2
  exit 1
}

need() {
  local program
  for program; do
    command -v "$program" >/dev/null || die "the program \"$program\" is missing" 'install it, then run the same command again'
  done
}

input_fault() { printf 'a fault of the caller of %s, which must give it INPUT as one JSON object with: %s\n' "$(basename "$0")" "$*"; }

# read_input <name>[?] … sets the caller's variables of these names from INPUT, all at once; dies naming every field that is missing.
# "name?" may be missing: the variable is then empty. Objects and lists arrive as compact JSON.
read_input() {
  need jq
  [[ -n "${INPUT:-}" ]] || die 'INPUT is empty; it must hold one JSON object' "$(input_fault "$@")"
  local assigned
  # shellcheck disable=SC2016
  assigned="$(jq -r --args '
    . as $input
    | [$ARGS.positional[] | {name: rtrimstr("?"), optional: endswith("?")}] as $fields
    | [$fields[] | select(.optional | not) | .name | select($input[.] == null)] as $missing
    | if ($missing | length) > 0 then error("INPUT lacks " + ($missing | join(", "))) else
        $fields[] | .name as $n | $input[$n]
        | "\($n)=\(if . == null then "" elif type == "string" then . else tojson end | @sh)"
      end' "$@" <<<"$INPUT" 2>&1)" || die "${assigned#jq: error*: }" "$(input_fault "$@")"
  eval "$assigned"
}
