# shellcheck shell=bash
# What the scripts of kind share. A cluster has the name that the fleet gives it, so that its nodes are called in Kubernetes as in the fleet file; whose it is
# stands in a file clusters/<cluster>.json in the host's data of the deployment. Works on bash 3.2. Wants input.sh, file.sh, deployment.sh and mark.sh.

# kind_containers <cluster>: prints a line "<container> <running | exited | …>" per node that there is.
kind_containers() {
  docker ps --all --no-trunc --filter "label=io.x-k8s.kind.cluster=$1" --format '{{.Names}} {{.State}}' ||
    die "docker does not list the nodes of cluster \"$1\"" 'is Docker running? docker info'
}

# cluster_stage <uid> <cluster>: making, made, or nothing.
cluster_stage() { jq -r '.stage // empty' "$(cluster_mark "$1" "$2")" 2>/dev/null || true; }

cluster_mark() { printf '%s/%s/clusters/%s.json\n' "$(host_data)" "$1" "$2"; } # <uid> <cluster>

mark_cluster() { # <uid> <cluster> <stage> <settings, one JSON>
  jq -n --arg uid "$1" --arg cluster "$2" --arg stage "$3" --argjson settings "$4" '$ARGS.named' | write_file "$(cluster_mark "$1" "$2")" 0644 || exit 1
}

# host_ports_as_made <uid> <cluster> <wanted>: prints the ports of the host that lead to the cluster: Docker adds none to a container that exists.
host_ports_as_made() { jq -c --argjson wanted "$3" '.settings.hostPorts // $wanted' "$(cluster_mark "$1" "$2")"; }

# assert_cluster_ours <uid> <cluster>: for a cluster of our name that exists.
assert_cluster_ours() {
  [[ -n "$(cluster_stage "$1" "$2")" ]] ||
    die "a kind cluster of the name \"$2\" exists, and nothing on this host says that it belongs to deployment $1" \
      "if nobody needs it: kind delete cluster --name $2; else give the fleet's cluster another name"
}

registry_container() { printf 'flotilla-%s-registry\n' "$1"; } # <uid>

# container_state <name>: prints running, exited, …, or nothing.
container_state() {
  docker ps --all --filter "name=^/$1\$" --format '{{.State}}' || die 'docker does not list its containers' 'is Docker running? docker info'
}

start_container() { docker start "$1" >/dev/null || die "the container $1 does not start" "see why: docker logs $1"; } # <name>

# known_clusters <uid>: clusters of which this host has a mark.
known_clusters() {
  local mark
  for mark in "$(host_data)/$1/clusters"/*.json; do
    [[ ! -e "$mark" ]] || basename "$mark" .json
  done
}
