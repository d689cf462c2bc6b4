# shellcheck shell=bash
# The registry of a fleet of kind clusters: a container of its own, in the network of kind, answering at the host's loopback address. Works on bash 3.2.
# Wants input.sh, deployment.sh and kind.sh.

registry_image=docker.io/library/registry:3

# start_kind_registry <uid> <port>: what was pushed is in a volume of the container's name and stays when the port becomes another one.
start_kind_registry() {
  local name state port=''
  name="$(registry_container "$1")"
  state="$(container_state "$name")" || exit 1
  [[ -z "$state" ]] || port="$(registry_port "$name")" || exit 1
  # What docker could not start, because the port was taken, it keeps as "created".
  if [[ -n "$state" && ("$state" == created || "$port" != "$2") ]]; then
    remove_kind_registry "$1"
    state=''
  fi
  case "$state" in
    running) ;;
    '')
      docker run --detach --restart=unless-stopped --publish "127.0.0.1:$2:5000" --network bridge --volume "$name:/var/lib/registry" \
        --label "flotilla.uid=$1" --name "$name" "$registry_image" >/dev/null ||
        die "the registry does not start at 127.0.0.1:$2" 'see why, above; is the port taken? give the fleet another registry.port'
      ;;
    *) start_container "$name" ;;
  esac
  # It may be there already.
  docker network connect kind "$name" 2>/dev/null || docker inspect "$name" | jq -e '.[0].NetworkSettings.Networks.kind' >/dev/null ||
    die "the registry's container $name does not join the network of kind" 'see why: docker network connect kind '"$name"
}

# registry_port <container>: prints the port of the host that it was made for.
registry_port() {
  docker inspect "$1" | jq -r '.[0].HostConfig.PortBindings["5000/tcp"][0].HostPort // empty' || die "docker does not tell the port of $1" "see why: docker inspect $1"
}

remove_kind_registry() { # <uid>
  docker rm --force "$(registry_container "$1")" >/dev/null || die "docker does not delete $(registry_container "$1")" 'see why: docker ps --all'
}

# tell_node <container> <uid> <port>: containerd reads it at each pull. localhost is what people push to; to a node that is itself.
tell_node() {
  printf '[host."http://%s:5000"]\n' "$(registry_container "$2")" |
    docker exec --interactive "$1" sh -c "mkdir -p /etc/containerd/certs.d/localhost:$3 && cat >/etc/containerd/certs.d/localhost:$3/hosts.toml" ||
    die "the node $1 cannot be told of the registry" "see why: docker logs $1"
}

# local_registry_hosting <port>: prints the ConfigMap by which tools find the registry (KEP 1755).
local_registry_hosting() {
  printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"local-registry-hosting","namespace":"kube-public"},"data":{"localRegistryHosting.v1":"host: \\"localhost:%s\\"\\nhelp: \\"https://kind.sigs.k8s.io/docs/user/local-registry/\\"\\n"}}\n' "$1"
}
