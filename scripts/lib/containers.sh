# shellcheck shell=bash
# Containers of this node, past the API: by containerd's own ctr, which every node has. Runs on nodes.

containerd_ctr() { ctr --namespace k8s.io "$@"; }

# containers_with <label> <value>: ids of containers, not of the sandboxes that hold them.
containers_with() {
  containerd_ctr containers list --quiet "labels.\"io.cri-containerd.kind\"==container,labels.\"io.kubernetes.$1\"==$2"
}

# running_containers_of <label> <value>: a line "<id> <process>" for each that runs.
running_containers_of() {
  containerd_ctr tasks list | awk '$3 == "RUNNING" {print $1, $2}' | grep -F -f <(containers_with "$1" "$2") || true
}

# kill_containers <id …>: what does not run is fine. The kubelet starts them again.
kill_containers() {
  local id
  for id; do containerd_ctr tasks kill --signal SIGKILL "$id" 2>/dev/null || true; done
}

kill_containers_named() { # <name of the container in its pod …>
  local name id
  for name; do
    while read -r id; do kill_containers "$id"; done < <(containers_with container.name "$name")
  done
}
