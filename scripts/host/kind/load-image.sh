#!/usr/bin/env bash
# Brings the images of a tar file onto one node of a kind cluster and prints {node, loaded: [name]}. Safe to run twice: what the node holds is not sent again.
#   INPUT {deployment, node, archive, images: [{name, digest}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../load-image.sh
. "$here/../load-image.sh"

# A node is a container: what goes over SSH elsewhere goes by docker.
node_ssh() { docker exec --interactive "$2" bash -c "$3"; } # <deployment> <node> <command>

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
