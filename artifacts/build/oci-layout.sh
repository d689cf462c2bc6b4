#!/usr/bin/env bash
# Packs a file tree as an OCI image layout with one uncompressed layer; the same tree gives the same digests.
# Safe to run twice: the layout is written again.
# INPUT: {tree, layout, entrypoint: [..]|null, command: [..]|null, user: string|null}
set -euo pipefail

# Moves a file among the blobs under its digest; prints the descriptor.
blob() {
  local layout=$1 file=$2 media_type=$3 digest size
  digest=$(sha256sum "$file" | cut -d' ' -f1)
  size=$(stat -c %s "$file")
  mv "$file" "$layout/blobs/sha256/$digest"
  jq -nc --arg type "$media_type" --arg digest "sha256:$digest" --argjson size "$size" '{mediaType: $type, digest: $digest, size: $size}'
}

main() {
  local tree layout architecture layer config manifest
  tree=$(jq -er .tree <<<"$INPUT")
  layout=$(jq -er .layout <<<"$INPUT")
  architecture=$(dpkg --print-architecture)
  mkdir -p "$layout/blobs/sha256"

  # Not gzip: nodes pull from the same host, where unpacking costs more than copying.
  tar -C "$tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$layout/layer" .
  layer=$(blob "$layout" "$layout/layer" application/vnd.oci.image.layer.v1.tar)

  jq -c --arg architecture "$architecture" --argjson layer "$layer" '{
      architecture: $architecture, os: "linux", created: "1970-01-01T00:00:00Z",
      config: ({
        Entrypoint: .entrypoint, Cmd: .command, User: .user, WorkingDir: "/",
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
      } | with_entries(select(.value != null))),
      rootfs: {type: "layers", diff_ids: [$layer.digest]}
    }' <<<"$INPUT" >"$layout/config"
  config=$(blob "$layout" "$layout/config" application/vnd.oci.image.config.v1+json)

  jq -nc --argjson config "$config" --argjson layer "$layer" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer]}' >"$layout/manifest"
  manifest=$(blob "$layout" "$layout/manifest" application/vnd.oci.image.manifest.v1+json)

  jq -nc --argjson manifest "$manifest" '{schemaVersion: 2, manifests: [$manifest]}' >"$layout/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
