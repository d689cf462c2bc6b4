#!/usr/bin/env bash
# Repairs what knew the old addresses of nodes that moved: names everywhere, the nodes' own clusters, kubeconfigs, serving certificates, pods on the nodes'
# network. Safe to run twice and to be killed anywhere: the marks nodes/.moved-<node> go last, and only when everything was done.
#   INPUT {deployment, nodes: ["<moved>"], keepMarks: true where a machine is off that has yet to learn them, clusters: [{name, apiName, controlPlanes: ["<node>"], nodes: ["<node>"],
#     hosts: [{address, names}], corefile, documents: {"<control plane>": [what init.sh gets]}, peers: {"<control plane>": [{old, new}]}}]}, of machines that run
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"

# side_by_side <function> <name …>: returns 1 when one of them failed; the others come to their end.
side_by_side() {
  local work="$1" name process processes='' result=0
  shift
  for name; do
    "$work" "$name" &
    processes="$processes $!"
  done
  for process in $processes; do wait "$process" || result=1; done
  return "$result"
}

of_cluster() { jq -ce --arg name "$1" ".[] | select(.name == \$name) | $2" <<<"$clusters"; } # <cluster> <jq path>

cluster_of() { jq -re --arg node "$1" '.[] | select(.nodes | index($node)) | .name' <<<"$clusters"; } # <node>

# on_node <node> <guest/script.sh> <input>: with the addresses that this node is to know.
on_node() {
  local input
  input="$(with_addresses "$deployment" "$1" "$3")" && run_guest "$deployment" "$1" "$2" "$input" </dev/null && return 0
  log "$1: $2 failed"
  return 1
}

# shellcheck source=../guest/names.sh
name_node() { on_node "$1" guest/names.sh "{\"hosts\":$(of_cluster "$(cluster_of "$1")" .hosts)}"; } # <node>

move_node() { # <node>
  local more
  more="$(of_cluster "$(cluster_of "$1")" "{documents: .documents[\"$1\"], peers: .peers[\"$1\"]}")"
  # shellcheck source=../guest/readdress.sh
  on_node "$1" guest/readdress.sh "$(jq -c --arg address "leased($1)" '{$address} + .' <<<"$more")"
}

# shellcheck source=../guest/refresh-pods.sh
refresh_node() { on_node "$1" guest/refresh-pods.sh '{}'; } # <node>

on_cluster() { # <guest/script.sh> <input>; controlPlanes is mend_cluster's
  jq -nc --arg deployment "$deployment" --argjson controlPlanes "$controlPlanes" --arg script "$1" --argjson input "$2" '$ARGS.named' | run_host on-control-plane.sh
}

# mend_cluster <cluster>: what is kept in it and about it. One without a kubeconfig is not raised yet, and its steps are still to come.
mend_cluster() {
  local controlPlanes settings members moved
  [[ -e "$deployment/kubeconfig/$1" ]] || return 0
  controlPlanes="$(of_cluster "$1" .controlPlanes)"
  moved="$(jq -c --argjson moved "$nodes" '[.[] | select(IN($moved[])) | {name: ., address: "leased(\(.))"}]' <<<"$(of_cluster "$1" .nodes)")"
  members="$(with_addresses "$deployment" "" "$moved")" || return 1
  settings="$(with_addresses "$deployment" "" "$(of_cluster "$1" '{corefile}')")" || return 1
  jq -nc --arg deployment "$deployment" --arg cluster "$1" --argjson controlPlanes "$controlPlanes" --argjson of "$(of_cluster "$1" '{apiName}')" \
    '$of + {$deployment, $cluster, $controlPlanes}' | run_host kubeconfig.sh || return 1
  # shellcheck source=../guest/coredns.sh
  on_cluster guest/coredns.sh "$settings" || return 1
  # shellcheck source=../guest/replace-pods.sh
  on_cluster guest/replace-pods.sh "{\"nodes\":$members}" || return 1
  jq -nc --arg deployment "$deployment" --argjson controlPlanes "$controlPlanes" --argjson nodes "$members" '$ARGS.named' | run_host approve-serving.sh
}

# shellcheck source=kubeconfig.sh
# shellcheck source=on-control-plane.sh
# shellcheck source=approve-serving.sh
run_host() { INPUT="$(cat)" bash "$here/$1"; } # <script>; standard input = INPUT

main() {
  local deployment nodes keepMarks clusters all moved failed='' node
  read_input deployment nodes 'keepMarks?' clusters
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  all="$(jq -r '.[].nodes[]' <<<"$clusters")"
  moved="$(jq -r '.[]' <<<"$nodes")"
  # shellcheck disable=SC2086
  side_by_side name_node $all || failed=yes
  # Control planes need one another.
  # shellcheck disable=SC2086
  side_by_side move_node $moved || failed=yes
  # shellcheck disable=SC2046
  side_by_side mend_cluster $(jq -r '.[].name' <<<"$clusters") || failed=yes
  # shellcheck disable=SC2086
  side_by_side refresh_node $all || failed=yes
  [[ -z "$failed" ]] || die "not everything knows the new addresses of $(paste -sd' ' - <<<"$moved") yet" 'run it again when the cause is gone: npx flotilla up'
  [[ "$keepMarks" == true ]] || for node in $moved; do rm -f "$deployment/nodes/.moved-$node"; done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
