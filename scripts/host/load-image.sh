#!/usr/bin/env bash
# Brings the images of a tar file onto one node and prints {node, loaded: [name]}. Safe to run twice: what the node holds by name and digest is not sent again.
#   INPUT {deployment, node, archive, images: [{name, digest}]}
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

# missing_on <deployment> <node> <images>: prints those that the node does not hold, as JSON.
missing_on() {
  run_guest "$1" "$2" guest/load-image.sh "$(jq -c '{images: .}' <<<"$3")" </dev/null
}

# plain_tar <archive>: containerd wants it unpacked.
plain_tar() {
  if gzip -t "$1" 2>/dev/null; then gzip -dc "$1"; else cat "$1"; fi
}

main() {
  local deployment node archive images missing
  read_input deployment node archive images
  need ssh tar base64 gzip
  deployment="$(open_deployment "$deployment")"
  [[ -r "$archive" ]] || die "the file $archive cannot be read" 'give the path of a tar file that docker save wrote'
  missing="$(missing_on "$deployment" "$node" "$images")" || die "$node cannot be asked for its images" 'is it on? npx flotilla status'
  if [[ "$(jq length <<<"$missing")" -gt 0 ]]; then
    plain_tar "$archive" | node_ssh "$deployment" "$node" 'ctr -n k8s.io images import - >/dev/null' ||
      die "$node does not take $archive" 'what it said stands above; is its disk full? npx flotilla ssh NODE -- df -h /var/lib/containerd'
    images="$(missing_on "$deployment" "$node" "$images")"
    [[ "$(jq length <<<"$images")" -eq 0 ]] || die "$node took $archive and does not show $(jq -r 'map(.name) | join(", ")' <<<"$images")" \
      "look there: npx flotilla ssh $node -- ctr -n k8s.io images ls"
  fi
  jq -c --arg node "$node" '{node: $node, loaded: map(.name)}' <<<"$missing"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
