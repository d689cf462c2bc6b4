#!/usr/bin/env bash
# The gate: waits until named conditions hold, together for at most timeoutSeconds. Safe to run twice: it only looks.
#   INPUT {deployment, cluster, timeoutSeconds,
#     conditions: [{kind: "nodes-ready"} | {kind: "rollout", namespace, resource} | {kind: "condition", namespace?, resource, condition}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"

seconds_left() { echo $((deadline > SECONDS ? deadline - SECONDS : 0)); }

# holds <condition> <seconds>: waits that long; prints what is missing.
holds() {
  local kind resource namespace condition
  kind="$(jq -r '.kind // ""' <<<"$1")"
  resource="$(jq -r '.resource // ""' <<<"$1")"
  namespace="$(jq -r '.namespace // "default"' <<<"$1")"
  condition="$(jq -r '.condition // ""' <<<"$1")"
  case "$kind" in
    nodes-ready) cluster_kubectl wait nodes --all --for=condition=Ready --timeout="${2}s" ;;
    rollout) cluster_kubectl rollout status "$resource" --namespace "$namespace" --timeout="${2}s" ;;
    condition) cluster_kubectl wait "$resource" --namespace "$namespace" --for=condition="$condition" --timeout="${2}s" ;;
  esac 2>&1
}

# Asked before anything is waited for: later the words would get lost.
assert_conditions() { # <conditions>
  local wrong
  wrong="$(jq -c 'first(.[] | select(.kind != "nodes-ready"
    and (.kind != "rollout" or .resource == null) and (.kind != "condition" or .resource == null or .condition == null))) // empty' <<<"$1")"
  [[ -z "$wrong" ]] || die "the condition $wrong is none" 'it must be {kind: "nodes-ready"}, {kind: "rollout", resource} or {kind: "condition", resource, condition}'
}

# wait_condition <condition>: what does not exist yet may come, so a refusal is asked again.
wait_condition() {
  local left
  while left="$(seconds_left)" && [[ "$left" -gt 0 ]]; do
    holds "$1" "$left" >/dev/null && return 0
    sleep 0.5
  done
  return 1
}

tell_why() { # <conditions>
  local condition said
  while read -r condition; do
    said="$(holds "$condition" 1)" || log "missing: $(jq -r '[.kind, .namespace, .resource, .condition] | map(select(.)) | join(" ")' <<<"$condition"): $(tail -n 1 <<<"$said")"
  done < <(jq -c '.[]' <<<"$1")
  log 'pods that are not ready:'
  cluster_kubectl get pods --all-namespaces --output json | jq -r '.items[]
    | select(.status.phase != "Succeeded" and all(.status.conditions[]?; .type != "Ready" or .status != "True"))
    | "  \(.metadata.namespace)/\(.metadata.name) on \(.spec.nodeName // "no node"): "
      + ([.status.containerStatuses[]?.state.waiting | select(.) | "\(.reason): \(.message // "")"][0]
        // [.status.conditions[]? | select(.status != "True") | .message // empty][0] // .status.phase)' >&2 || true
  log 'last events:'
  cluster_kubectl get events --all-namespaces --sort-by=.lastTimestamp 2>&1 | tail -n 10 >&2 || true
}

main() {
  local deployment cluster conditions timeoutSeconds deadline condition
  read_input deployment cluster conditions timeoutSeconds
  deployment="$(open_deployment "$deployment")"
  assert_conditions "$conditions"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'raise the cluster first: npm start'
  deadline=$((SECONDS + timeoutSeconds))
  while read -r condition; do
    wait_condition "$condition" || {
      tell_why "$conditions"
      die "cluster $cluster: not ready after $timeoutSeconds s" "look further with: kubectl --kubeconfig $kubectl_config get pods -A"
    }
  done < <(jq -c '.[]' <<<"$conditions")
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
