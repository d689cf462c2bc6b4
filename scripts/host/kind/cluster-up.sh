#!/usr/bin/env bash
# Makes one kind cluster, tells its nodes of the registry and brings its kubeconfig. Safe to run twice: a cluster that is made is never made again.
#   INPUT {deployment, uid, cluster, nodes: [{name, role}], podCidr, serviceCidr, hostPorts: [80, {host, node}], bringsOwnCni, skipPhases: [], image, kubeconfig, registryPort?}
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

# kind_config: prints what `kind create` reads; the variables are main's. Ports of the host's loopback address lead to the first
# control plane: to its port of that number or to the given one.
kind_config() {
  jq -n --argjson nodes "$nodes" --argjson ports "$hostPorts" --argjson ownCni "$bringsOwnCni" --argjson skip "$skipPhases" \
    --arg image "$image" --arg cluster "$cluster" --arg pods "$podCidr" --arg services "$serviceCidr" '
    {kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4", name: $cluster,
     networking: ({podSubnet: $pods, serviceSubnet: $services, disableDefaultCNI: $ownCni}
       + if $skip | index("addon/kube-proxy") then {kubeProxyMode: "none"} else {} end),
     # Images before kind 0.27 do not read certs.d by themselves.
     containerdConfigPatches: ["[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\""],
     nodes: [$nodes | sort_by(.role) | to_entries[] | {role: .value.role, image: $image}
       + if .key == 0 and ($ports | length) > 0 then {extraPortMappings: [$ports[] | if type == "number" then {host: ., node: .} else . end | {containerPort: .node, hostPort: .host, listenAddress: "127.0.0.1", protocol: "TCP"}]} else {} end]}'
}

# cluster_settings: prints what a cluster is born with; the variables are main's.
cluster_settings() {
  jq -nc --argjson nodes "$nodes" --arg image "$image" --arg podCidr "$podCidr" --arg serviceCidr "$serviceCidr" --argjson hostPorts "$hostPorts" \
    --argjson bringsOwnCni "$bringsOwnCni" --argjson skipPhases "$skipPhases" '$ARGS.named | .nodes |= ([.[].name] | sort)'
}

# assert_as_made <settings> <containers>: of a cluster that is made. kind changes none, and to make it anew costs all that it holds. Ports of the
# host that the fleet file names in addition are no error: the cluster works without them, and `flotilla outputs` reports them.
assert_as_made() {
  local was now other
  now="$(awk '$1 !~ /-external-load-balancer$/ {print $1}' <<<"$2" | jq -Rnc '[inputs | select(. != "")] | sort')" || exit 1
  was="$(jq -c --argjson wanted "$1" --argjson nodes "$now" '(.settings // $wanted) + {$nodes}' "$(cluster_mark "$uid" "$cluster")")" || exit 1
  other="$(jq -nr --argjson was "$was" --argjson wanted "$1" \
    '[$wanted | keys[] | select($wanted[.] != $was[.]) | select(. != "hostPorts" or $was.hostPorts - $wanted.hostPorts != []) | "\(.) is \($was[.] | tojson), wanted is \($wanted[.] | tojson)"] | join("; ")')" || exit 1
  [[ -z "$other" ]] || die "kind cannot change the cluster \"$cluster\" that there is: $other" \
    'to make it anew, without what it holds: npx flotilla destroy, then npx flotilla up; to keep it: put the fleet file back'
}

# People and providers name a cluster's context as the fleet names the cluster; kind puts its own name before it.
rename_context() { sed -E "s/^([[:space:]-]*(name|cluster|user|current-context): )kind-$1\$/\\1$1/"; } # <cluster>

# What kind left half made cannot be mended by it.
make_cluster() {
  mark_cluster "$uid" "$cluster" making "$settings"
  kind delete cluster --name "$cluster" --kubeconfig "$deployment/$kubeconfig.kind" >&2 || die "kind does not delete what is left of cluster \"$cluster\""
  kind_config | kind create cluster --name "$cluster" --config - --kubeconfig "$deployment/$kubeconfig.kind" --wait "$([[ "$bringsOwnCni" == true ]] && echo 0s || echo 180s)" >&2 ||
    die "kind does not make cluster \"$cluster\"" 'see why, above; ports that are taken: docker ps'
}

# remember_nodes: what node-destroy.sh, status and load find the nodes by; the variables are main's.
remember_nodes() {
  local node address
  for node in $(jq -r '.[].name' <<<"$nodes"); do
    address="$(docker inspect "$node" | jq -r '.[0].NetworkSettings.Networks.kind.IPAddress // empty')" || die "docker does not tell the address of $node" "see why: docker inspect $node"
    jq -n --argjson nodes "$nodes" --arg uid "$uid" --arg cluster "$cluster" --arg node "$node" --arg kubeconfig "$kubeconfig" --arg image "$image" \
      --arg address "$address" --argjson ports "$hostPorts" '
      {uid: $uid, cluster: $cluster, node: $node, machine: $node, role: ($nodes[] | select(.name == $node) | .role), kubeconfig: $kubeconfig, image: $image,
       provider: "kind", address: $address}
       + if $node == ($nodes | sort_by(.role)[0].name) then {hostPorts: [$ports[] | if type == "number" then {host: ., node: .} else . end]} else {} end' | write_file "$deployment/nodes/$node.json" 0644 || exit 1
  done
}

main() {
  local deployment uid cluster nodes podCidr serviceCidr hostPorts bringsOwnCni skipPhases image kubeconfig registryPort node state fetched containers settings
  read_input deployment uid cluster nodes podCidr serviceCidr hostPorts bringsOwnCni skipPhases image kubeconfig 'registryPort?'
  need kind docker
  deployment="$(open_deployment "$deployment")"
  assert_names "$cluster" "$nodes"
  settings="$(cluster_settings)"
  containers="$(kind_containers "$cluster")" || exit 1
  [[ -z "$containers" ]] || assert_cluster_ours "$uid" "$cluster"

  if [[ -n "$containers" && "$(cluster_stage "$uid" "$cluster")" == made ]]; then
    assert_as_made "$settings" "$containers"
    hostPorts="$(host_ports_as_made "$uid" "$cluster" "$hostPorts")" || exit 1
    settings="$(cluster_settings)"
  else
    make_cluster
    containers="$(kind_containers "$cluster")" || exit 1
  fi
  mark_cluster "$uid" "$cluster" made "$settings"
  while read -r node state; do [[ "$state" == running ]] || start_container "$node"; done <<<"$containers"
  remember_nodes
  # Also after a restart: Docker gives the API another port of the host.
  fetched="$(kind get kubeconfig --name "$cluster")" || die "kind gives no kubeconfig of cluster \"$cluster\""
  printf '%s\n' "$fetched" | rename_context "$cluster" | write_file "$deployment/$kubeconfig" 0600 || exit 1
  rm -f "$deployment/$kubeconfig.kind"
  [[ -n "$registryPort" ]] || return 0
  start_kind_registry "$uid" "$registryPort"
  for node in $(jq -r '.[].name' <<<"$nodes"); do tell_node "$node" "$uid" "$registryPort"; done
  local_registry_hosting "$registryPort" | docker exec --interactive "$cluster-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - >&2 ||
    log "note: cluster $cluster is not told of the registry at localhost:$registryPort: run it again when its API answers"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
