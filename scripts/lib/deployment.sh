# shellcheck shell=bash
# Where a deployment keeps its things. Works on bash 3.2.

# open_deployment <path>: prints the absolute path of the deployment folder.
open_deployment() {
  [[ -d "$1" ]] || die "the deployment folder \"$1\" does not exist (seen from $PWD)" 'run: npm start'
  # -P: after `cd cdktf.out/stacks/hub` through that link, ../../.. would mean the checkout to the shell.
  (cd -P "$1" && pwd)
}

# Host folder with the data of all deployments; the variable exists for trials beside a real deployment.
host_data() {
  if [[ -n "${FLOTILLA_HOST_DATA:-}" ]]; then
    printf '%s\n' "$FLOTILLA_HOST_DATA"
  elif [[ "$(id -u)" -eq 0 ]]; then
    printf '%s\n' /var/lib/flotilla
  elif [[ "$(uname)" == Darwin ]]; then
    printf '%s\n' "$HOME/Library/Application Support/flotilla"
  else
    # kind and Multipass need no root.
    printf '%s\n' "$HOME/.local/share/flotilla"
  fi
}

machine_name() { printf 'f%s-%s\n' "$1" "$2"; } # <uid> <node>

# source_path <deployment> <jq path>: prints a path from sources.json.
source_path() {
  local path
  path="$(jq -er "$2" "$1/sources.json")" || die "$1/sources.json lacks $2" 'run: npm start (it writes the file)'
  printf '%s\n' "$path"
}

# node_field <deployment> <node> <field>: prints a field of nodes/<node>.json.
node_field() {
  local value
  [[ -r "$1/nodes/$2.json" ]] || die "no machine of the name \"$2\": $1/nodes/$2.json does not exist" 'raise the machine first: npm start'
  value="$(jq -er ".$3" "$1/nodes/$2.json")" || die "$1/nodes/$2.json lacks \"$3\"" 'raise the machine first: npm start'
  printf '%s\n' "$value"
}

# with_addresses <deployment> <node> <JSON>: prints the JSON with the real thing in place of every leased(X): the address of node X; for "gateway" and
# "registry" what <node> has. Dies when one is not known. A JSON without such a word is printed as it is.
with_addresses() {
  local deployment="$1" node="$2" json="$3" name value known='{}'
  # Most have none, and to start jq takes longer than all the rest.
  [[ "$json" == *'leased('* ]] || {
    printf '%s\n' "$json"
    return 0
  }
  for name in $(jq -r '[.. | strings | scan("leased\\(([a-z0-9-]+)\\)")[0]] | unique[]' <<<"$json"); do
    case "$name" in
      gateway | registry) value="$(node_field "$deployment" "$node" "$name")" || return 1 ;;
      *) value="$(node_field "$deployment" "$name" address)" || return 1 ;;
    esac
    known="$(jq -c --arg name "$name" --arg value "$value" '.[$name] = $value' <<<"$known")"
  done
  [[ "$known" != '{}' ]] || {
    printf '%s\n' "$json"
    return 0
  }
  jq -c --argjson known "$known" 'walk(if type == "string" then gsub("leased\\((?<name>[a-z0-9-]+)\\)"; $known[.name]) else . end)' <<<"$json"
}
