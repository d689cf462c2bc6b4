#!/usr/bin/env bash
# Makes the pod images as OCI image layouts, one folder each, and images.json that lists them.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root, needs, settings: {images: [PodImage], busybox: its version}}
set -euo pipefail

main() {
  local out build images image repository tag layout version said
  out=$(jq -er .out <<<"$INPUT")
  build=$(jq -er .root <<<"$INPUT")/artifacts/build
  version=$(jq -er .settings.busybox <<<"$INPUT")
  images=$(jq -ec '.needs as $needs | .settings.images[] | . + {
      rootfs: ($needs["node-image"] + "/rootfs"),
      files: [.files | to_entries[] | {to: .key, from: ($needs[.value[0]] + "/" + .value[1])}]
    }' <<<"$INPUT")
  while read -r image; do
    repository=$(jq -er .repository <<<"$image")
    tag=$(jq -er .tag <<<"$image")
    layout=$out/${repository//\//_}
    echo "== $repository:$tag"
    if jq -e .busybox <<<"$image" >/dev/null; then
      # Not through a pipe: grep -q and head leave as soon as they know, and a busybox that still writes would be said to have failed.
      said=$(busybox 2>&1)
      [[ "$said" == "BusyBox v$version "* ]] || {
        echo "busybox is not $version: ${said%%$'\n'*}; install Debian 12's busybox-static or change artifacts/versions.ts" >&2
        exit 1
      }
    fi
    INPUT=$(jq -c --arg tree "$out/tree" '. + {tree: $tree}' <<<"$image") bash "$build/image-tree.sh"
    INPUT=$(jq -c --arg tree "$out/tree" --arg layout "$layout" '. + {tree: $tree, layout: $layout}' <<<"$image") bash "$build/oci-layout.sh"
    rm -rf "$out/tree"
    jq -c --arg folder "${layout##*/}" --slurpfile index "$layout/index.json" \
      '{repository, tag, folder: $folder, digest: $index[0].manifests[0].digest}' <<<"$image" >>"$out/images.jsonl"
  done <<<"$images"
  jq -s . "$out/images.jsonl" >"$out/images.json"
  rm "$out/images.jsonl"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
