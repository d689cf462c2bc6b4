# shellcheck shell=bash
# Where a deployment keeps its things. Works on bash 3.2.

# open_deployment <path>: prints the absolute path of the deployment folder.
open_deployment() {
  [[ -d "$1" ]] || die "the deployment folder \"$1\" does not exist (seen from $PWD)" 'run: npm start'
  (cd "$1" && pwd -P)
}

# Host folder with the data of all deployments; the variable exists for trials beside a real deployment.
host_data() { printf '%s\n' "${FLOTILLA_HOST_DATA:-/var/lib/flotilla}"; }

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
  value="$(jq -er ".$3" "$1/nodes/$2.json")" || die "$1/nodes/$2.json lacks \"$3\""
  printf '%s\n' "$value"
}
