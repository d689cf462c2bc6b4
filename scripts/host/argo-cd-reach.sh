#!/usr/bin/env bash
# Whether Argo CD reaches a cluster that it manages: its controller opens a connection to the cluster's API now, and its record of the cluster says that it
# could read the cluster. Changes nothing. Ends with 77 when there is no record to tell by: Argo CD reads a cluster only once an application goes there.
#   arguments: the cluster's name, the URL of its API; environment: KUBECONFIG of the cluster that runs Argo CD
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"

in_controller() {
  kubectl --namespace argocd exec statefulset/argo-cd-argocd-application-controller --container application-controller -- "$@" </dev/null
}

main() {
  local name="${1:?the name of the cluster}" server="${2:?the URL of its API}" address stats state applications
  need kubectl
  address="${server#https://}"
  # shellcheck disable=SC2016 # the controller's bash expands it
  in_controller timeout 5 bash -c ': <>"/dev/tcp/$0/$1"' "${address%:*}" "${address##*:}" ||
    die "Argo CD's controller does not reach $server, the API of $name" 'does the name resolve there? kubectl --namespace kube-system get configmap coredns --output yaml'
  stats="$(in_controller argocd admin cluster stats --port-forward-redis=false --replicas 1)" || die 'Argo CD does not print its record of clusters'
  # SERVER SHARD CONNECTION NAMESPACES APPS RESOURCES; without a record the connection is empty, and the columns after it move to the left.
  state="$(awk -v server="$server" '$1 == server {print (NF == 6 ? $3 : "none"), $(NF - 1)}' <<<"$stats")"
  [[ -n "$state" ]] || die "$name is not registered in Argo CD as $server" 'npx flotilla up registers it'
  read -r state applications <<<"$state"
  [[ "$state" != Successful ]] || return 0
  if [[ "$state" != Failed && "$applications" == 0 ]]; then
    log "$name is registered and its API is reachable; no application goes there, so Argo CD has not read it yet"
    exit 77
  fi
  die "Argo CD's connection to $name is \"$state\", with $applications applications there" \
    'its controller says why: kubectl --namespace argocd logs statefulset/argo-cd-argocd-application-controller'
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
