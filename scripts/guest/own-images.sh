#!/usr/bin/env bash
# Makes the images that no public registry has from programs of this node and gives them to its containerd. Safe to run twice: an image that is there stays.
#   INPUT {images: [{name: "flotilla.internal/bridge-cni:1", programs: ["bash", …], kubectl: true}]}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"

copy_program() { # <tree> <path>
  local tree="$1" path="$2" library
  install -D -m 0755 "$(readlink -f "$path")" "$tree/usr/bin/$(basename "$path")"
  # ldd ends with 1 for a static program. One spelling for /lib and /usr/lib, which are the same.
  for library in $(ldd "$path" 2>/dev/null | grep -oE '/[^ ]+' || true); do
    library="$(sed -E 's#^/(lib|lib64)/#/usr/\1/#' <<<"$library")"
    [[ -e "$tree$library" ]] || install -D -m 0755 "$(readlink -f "$library")" "$tree$library"
  done
}

lay_out() { # <tree> <program …>
  local tree="$1" name path
  shift
  mkdir -p "$tree"/{etc,usr/bin,usr/lib,usr/lib64,var,run,root}
  install -d -m 1777 "$tree/tmp" "$tree/var/tmp"
  ln -s usr/bin "$tree/bin"
  ln -s usr/bin "$tree/sbin"
  ln -s usr/lib "$tree/lib"
  ln -s usr/lib64 "$tree/lib64"
  ln -s bin "$tree/usr/sbin"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/sbin/nologin' >"$tree/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$tree/etc/group"
  for name; do
    path="$(PATH="$PATH:/usr/sbin:/sbin" type -P "$name")" || die "$FLOTILLA_NODE has no program \"$name\" for an image of ours" 'install its package on the node'
    copy_program "$tree" "$path"
  done
}

pack() { # <work> <name>: prints an archive as docker save makes it
  local work="$1" digest
  tar -C "$work/tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/archive/layer.tar" .
  digest="$(sha256sum "$work/archive/layer.tar" | cut -d' ' -f1)"
  jq -n --arg architecture "$(dpkg --print-architecture)" --arg digest "sha256:$digest" '{
    $architecture, os: "linux", created: "1970-01-01T00:00:00Z", rootfs: {type: "layers", diff_ids: [$digest]},
    config: {Cmd: ["bash"], WorkingDir: "/", Env: ["PATH=/usr/local/bin:/usr/bin"]}}' >"$work/archive/config.json"
  jq -n --arg name "$2" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$work/archive/manifest.json"
  tar -C "$work/archive" -cf - .
}

main() {
  local images image name work
  read_input images
  need ctr jq tar ldd
  while read -r image; do
    name="$(jq -r .name <<<"$image")"
    [[ -z "$(ctr --namespace k8s.io images list --quiet "name==$name")" ]] || continue
    work="$(mktemp -d /var/tmp/flotilla.XXXXXX)"
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    mkdir "$work/archive" "$work/tree"
    # shellcheck disable=SC2046
    lay_out "$work/tree" $(jq -r '.programs[], (if .kubectl then "kubectl" else empty end)' <<<"$image")
    pack "$work" "$name" | ctr --namespace k8s.io images import - >/dev/null || die "containerd of $FLOTILLA_NODE does not take $name" 'see why, on the node: journalctl -u containerd'
    rm -rf "$work"
  done < <(jq -c '.[]' <<<"$images")
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
