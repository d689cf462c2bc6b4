#!/usr/bin/env bash
# Makes the first control plane of a cluster, or, where another one has the cluster, joins it. Safe to run twice: there is never a second cluster.
#   INPUT {deployment, cluster, node, address, documents: [InitConfiguration, …], admission: {AdmissionConfiguration}?, endpoint, join: {JoinConfiguration}}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/ssh.sh
. "$here/../lib/ssh.sh"
# shellcheck source=../lib/guest.sh
. "$here/../lib/guest.sh"
# shellcheck source=../lib/control-plane.sh
. "$here/../lib/control-plane.sh"

# where_it_lives <deployment> <cluster> <node> <seconds>: prints another control plane that has the cluster and is ready, or nothing when no other one can
# have it. As long as one may have it and does not tell, neither is true: dies after that time.
where_it_lives() {
  local deadline=$((SECONDS + $4)) other result silent
  while :; do
    silent=
    for other in $(holders "$1" "$2" "$3"); do
      result=0
      # shellcheck source=../guest/cluster-identity.sh
      run_guest "$1" "$other" guest/cluster-identity.sh '{}' </dev/null >/dev/null || result=$?
      case "$result" in
        0) printf '%s\n' "$other" && return 0 ;;
        4) ;;
        *) silent="$silent $other" ;;
      esac
    done
    [[ -n "$silent" ]] || return 0
    [[ "$SECONDS" -lt "$deadline" ]] || return 3
    sleep 1
  done
}

main() {
  # shellcheck disable=SC2034 # some are only checked here and go on to join.sh
  local deployment cluster node address documents admission endpoint join lives='' state=none result=0
  read_input deployment cluster node address documents 'admission?' endpoint join
  need ssh tar base64
  deployment="$(open_deployment "$deployment")"
  INPUT="$(with_addresses "$deployment" "$node" "$INPUT")"
  if [[ -n "$(holders "$deployment" "$cluster" "$node")" ]]; then
    # shellcheck source=../guest/join-state.sh
    state="$(run_guest "$deployment" "$node" guest/join-state.sh '{}' </dev/null)"
    # A node that has the cluster itself may be what the others wait for.
    lives="$(where_it_lives "$deployment" "$cluster" "$node" "$([[ "$state" == 'joined '* ]] && echo 0 || echo 180)")" || result=$?
    [[ "$result" -eq 0 || "$state" == 'joined '* ]] ||
      die "$node is new, and whether $cluster lives on another control plane cannot be seen: none of $(holders "$deployment" "$cluster" "$node" | tr '\n' ' ')is ready" \
        'it is not started a second time, that would part it from its data; see what they lack: npx flotilla status' \
        'if what they hold is lost for good, take all down and raise it anew: npx flotilla destroy'
  fi

  if [[ -n "$lives" ]]; then
    # shellcheck source=join.sh
    INPUT="$(jq -c --arg lives "$lives" '. + {role: "control-plane", controlPlanes: [$lives]}' <<<"$INPUT")" exec bash "$here/join.sh"
  fi
  mark_holder "$deployment" "$node"
  # shellcheck source=../guest/init.sh
  run_guest "$deployment" "$node" guest/init.sh "$(jq '{documents, admission}' <<<"$INPUT")" </dev/null
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
