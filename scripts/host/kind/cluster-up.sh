#!/usr/bin/env bash
# Makes one kind cluster, tells its nodes of the registry and brings its kubeconfig. Safe to run twice: a cluster that is whole is only looked at.
#   INPUT {deployment, uid, cluster, nodes: [{name, role}], podCidr, serviceCidr, hostPorts: [80], bringsOwnCni, skipPhases: [], image, kubeconfig, registryPort?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/input.sh
. "$here/../../lib/input.sh"
# shellcheck source=../../lib/file.sh
. "$here/../../lib/file.sh"
# shellcheck source=../../lib/deployment.sh
. "$here/../../lib/deployment.sh"
# shellcheck source=../../lib/lock.sh
. "$here/../../lib/lock.sh"
# shellcheck source=../../lib/ssh.sh
. "$here/../../lib/ssh.sh"
# shellcheck source=../../lib/mark.sh
. "$here/../../lib/mark.sh"
# shellcheck source=../../lib/kind.sh
. "$here/../../lib/kind.sh"
# shellcheck source=../../lib/kind-registry.sh
. "$here/../../lib/kind-registry.sh"

# kind names its containers itself; the fleet's names must be theirs, or nobody finds a node again.
assert_names() { # <cluster> <nodes>
  local wrong
  wrong="$(jq -r --arg cluster "$1" '
    def names($role; $word): [.[] | select(.role == $role)] | [range(length) | "\($cluster)-\($word)" + (if . == 0 then "" else "\(. + 1)" end)];
    ([.[].name] - names("control-plane"; "control-plane") - names("worker"; "worker")) | join(", ")' <<<"$2")"
  [[ -z "$wrong" ]] || die "nodes of the kind cluster \"$1\" have names of their own: $wrong" "kind's names are $1-control-plane, $1-worker, $1-worker2, …: use them in the fleet file"
}

# kind_config: prints what `kind create` reads; the variables are main's. Ports of the host go to the first control plane.
kind_config() {
  jq -n --argjson nodes "$nodes" --argjson ports "$hostPorts" --argjson ownCni "$bringsOwnCni" --argjson skip "$skipPhases" \
    --arg image "$image" --arg cluster "$cluster" --arg pods "$podCidr" --arg services "$serviceCidr" '
    {kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4", name: $cluster,
     networking: ({podSubnet: $pods, serviceSubnet: $services, disableDefaultCNI: $ownCni}
       + if $skip | index("addon/kube-proxy") then {kubeProxyMode: "none"} else {} end),
     # Images before kind 0.27 do not read certs.d by themselves.
     containerdConfigPatches: ["[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\""],
     nodes: [$nodes | sort_by(.role) | to_entries[] | {role: .value.role, image: $image}
       + if .key == 0 and ($ports | length) > 0 then {extraPortMappings: [$ports[] | {containerPort: ., hostPort: ., protocol: "TCP"}]} else {} end]}'
}

is_whole() { # <cluster> <nodes>: all containers are there and the cluster came to its end
  [[ "$(kind_containers "$1" | cut -d' ' -f1 | grep -v -- '-external-load-balancer$' | sort)" == "$(jq -r '.[].name' <<<"$2" | sort)" && "$(cluster_stage "$uid" "$1")" == made ]]
}

# People and providers name a cluster's context as the fleet names the cluster; kind puts its own name before it.
rename_context() { sed -E "s/^([[:space:]-]*(name|cluster|user|current-context): )kind-$1\$/\\1$1/"; } # <cluster>

# What kind left half made cannot be mended by it.
make_cluster() {
  mark_cluster "$uid" "$cluster" making
  kind delete cluster --name "$cluster" --kubeconfig "$deployment/$kubeconfig.kind" >&2 || die "kind does not delete what is left of cluster \"$cluster\""
  kind_config | kind create cluster --name "$cluster" --config - --kubeconfig "$deployment/$kubeconfig.kind" --wait "$([[ "$bringsOwnCni" == true ]] && echo 0s || echo 180s)" >&2 ||
    die "kind does not make cluster \"$cluster\"" 'see why, above; ports that are taken: docker ps'
  mark_cluster "$uid" "$cluster" made
}

# remember_nodes: what lease-release.sh, status and load find the nodes by; the variables are main's.
remember_nodes() {
  local node
  for node in $(jq -r '.[].name' <<<"$nodes"); do
    jq -n --argjson nodes "$nodes" --arg uid "$uid" --arg cluster "$cluster" --arg node "$node" --arg kubeconfig "$kubeconfig" --arg image "$image" \
      --arg address "$(docker inspect "$node" | jq -r '.[0].NetworkSettings.Networks.kind.IPAddress // empty')" '
      {uid: $uid, cluster: $cluster, node: $node, machine: $node, role: ($nodes[] | select(.name == $node) | .role), kubeconfig: $kubeconfig, image: $image,
       provider: "kind", address: $address}' | write_file "$deployment/nodes/$node.json" 0644 || true
  done
}

main() {
  local deployment uid cluster nodes podCidr serviceCidr hostPorts bringsOwnCni skipPhases image kubeconfig registryPort node fetched
  read_input deployment uid cluster nodes podCidr serviceCidr hostPorts bringsOwnCni skipPhases image kubeconfig 'registryPort?'
  need kind docker
  deployment="$(open_deployment "$deployment")"
  assert_names "$cluster" "$nodes"
  [[ -z "$(kind_containers "$cluster")" ]] || assert_cluster_ours "$uid" "$cluster"

  is_whole "$cluster" "$nodes" || make_cluster
  for node in $(kind_containers "$cluster" | awk '$2 != "running" {print $1}'); do start_container "$node"; done
  remember_nodes
  # Also after a restart: Docker gives the API another port of the host.
  fetched="$(kind get kubeconfig --name "$cluster")" || die "kind gives no kubeconfig of cluster \"$cluster\""
  printf '%s\n' "$fetched" | rename_context "$cluster" | write_file "$deployment/$kubeconfig" 0600 || true
  rm -f "$deployment/$kubeconfig.kind"
  [[ -n "$registryPort" ]] || return 0
  start_kind_registry "$uid" "$registryPort"
  for node in $(jq -r '.[].name' <<<"$nodes"); do tell_node "$node" "$uid" "$registryPort"; done
  local_registry_hosting "$registryPort" | docker exec --interactive "$cluster-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - >&2 ||
    log "note: cluster $cluster is not told of the registry at localhost:$registryPort: run it again when its API answers"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
