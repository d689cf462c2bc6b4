#!/usr/bin/env bash
# Makes containerd's folder with the pod images unpacked in it, from which each machine starts by hard links instead of pulling.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, needs: {"node-image", "pod-images"}, settings: {names: ["registry/repository"]}}
set -euo pipefail

# Gives each layout the name that pods ask for; images.json knows repositories without a registry's host.
lay_out() {
  local target=$1 images=$2 names=$3 name tag folder copy
  while read -r name; do
    read -r tag folder < <(jq -r --arg repository "${name#*/}" '.[] | select(.repository == $repository) | "\(.tag) \(.folder)"' "$images/images.json") || {
      echo "images.json lacks ${name#*/}, which artifacts/pod-images.ts names" >&2
      return 1
    }
    copy=$target/${folder//\//_}
    mkdir -p "$copy"
    cp -r "$images/$folder/blobs" "$images/$folder/oci-layout" "$copy/"
    jq --arg name "$name:$tag" '.manifests[].annotations["io.containerd.image.name"] = $name' "$images/$folder/index.json" >"$copy/index.json"
  done <<<"$names"
}

# In a throw-away machine over the node image, because the host need not have containerd.
import() {
  local rootfs=$1 layouts=$2 store=$3
  SYSTEMD_SECCOMP=0 systemd-nspawn --quiet -D "$rootfs" -M "flotilla-preload-$$" --volatile=overlay --register=no --keep-unit --private-users=no \
    --resolv-conf=off --timezone=off --link-journal=no --capability=all --bind="$store:/var/lib/containerd" --bind-ro="$layouts:/images" \
    --pipe bash -euo pipefail -s <<'GUEST'
printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >/run/containerd.toml
containerd --config /run/containerd.toml --log-level error &
for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break || sleep 0.1; done
for image in /images/*; do tar -C "$image" -cf - . | ctr --namespace k8s.io images import -; done
kill %1
wait
GUEST
}

main() {
  local out rootfs images names
  out=$(jq -er .out <<<"$INPUT")
  rootfs=$(jq -er '.needs["node-image"]' <<<"$INPUT")/rootfs
  images=$(jq -er '.needs["pod-images"]' <<<"$INPUT")
  names=$(jq -er '.settings.names[]' <<<"$INPUT")

  rm -rf "$out/layouts" "$out/containerd"
  mkdir -p "$out/layouts" "$out/containerd"
  lay_out "$out/layouts" "$images" "$names"
  import "$rootfs" "$out/layouts" "$out/containerd" >&2
  # What is one machine's own, and what was only needed here.
  rm -rf "$out/layouts" "$out"/containerd/io.containerd.grpc.v1.introspection "$out"/containerd/tmpmounts \
    "$out"/containerd/io.containerd.content.v1.content/ingest
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
