#!/usr/bin/env bash
# Lays out the file tree of one pod image: given files, Debian programs with their libraries, Debian's files, busybox.
# Safe to run twice: every file is laid down again.
# INPUT: {tree, rootfs, files: [{to, from}], debianPrograms: [name], debianFiles: [path], busybox: bool}
set -euo pipefail

# /bin and /lib are links into /usr in Debian 12; one spelling keeps a file from being laid down twice.
in_usr() {
  sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#' <<<"$1"
}

base_tree() {
  local tree=$1 name
  mkdir -p "$tree"/{etc,usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,var,run,root}
  install -d -m 1777 "$tree/tmp" "$tree/var/tmp"
  for name in bin sbin lib lib64; do ln -sfn "usr/$name" "$tree/$name"; done
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/sbin/nologin' >"$tree/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$tree/etc/group"
}

# Prints where a program is in the node image.
find_program() {
  local rootfs=$1 program=$2 folder
  for folder in /usr/sbin /usr/bin; do
    if [[ -e "$rootfs$folder/$program" || -L "$rootfs$folder/$program" ]]; then
      echo "$folder/$program"
      return 0
    fi
  done
  echo "the node image has no program \"$program\": add its package to artifacts/node-image" >&2
  return 1
}

debian_programs() {
  local tree=$1 rootfs=$2 program path library
  shift 2
  for program in "$@"; do
    path=$(find_program "$rootfs" "$program")
    install -D "$rootfs$(chroot "$rootfs" readlink -f "$path")" "$tree$path"
    # ldd ends with 1 for a static program.
    for library in $(chroot "$rootfs" ldd "$path" 2>/dev/null | grep -oE '/[^ ]+' || true); do
      library=$(in_usr "$library")
      [[ -e "$tree$library" ]] || install -D "$rootfs$(chroot "$rootfs" readlink -f "$library")" "$tree$library"
    done
  done
}

busybox_with_links() {
  local tree=$1 program applet
  program=$(command -v busybox) || {
    echo 'the host has no busybox: install the Debian package busybox-static' >&2
    return 1
  }
  ! ldd "$program" >/dev/null 2>&1 || {
    echo "$program is not static: install the Debian package busybox-static" >&2
    return 1
  }
  install -D "$program" "$tree/usr/bin/busybox"
  for applet in $("$program" --list); do
    [[ "$applet" == busybox ]] || ln -sfn busybox "$tree/usr/bin/$applet"
  done
}

main() {
  local tree rootfs files programs copies busybox from to
  tree=$(jq -er .tree <<<"$INPUT")
  rootfs=$(jq -er .rootfs <<<"$INPUT")
  files=$(jq -r '.files[] | "\(.from)\t\(.to)"' <<<"$INPUT")
  programs=$(jq -r '.debianPrograms // [] | join(" ")' <<<"$INPUT")
  copies=$(jq -r '.debianFiles // [] | .[]' <<<"$INPUT")
  busybox=$(jq -r '.busybox // false' <<<"$INPUT")
  umask 022
  base_tree "$tree"
  while IFS=$'\t' read -r from to; do
    [[ -z "$from" ]] || install -D "$from" "$tree/$to"
  done <<<"$files"
  # shellcheck disable=SC2086 # a list of program names
  debian_programs "$tree" "$rootfs" $programs
  while read -r from; do
    [[ -z "$from" ]] || install -D -m 0644 "$rootfs/$from" "$tree/$from"
  done <<<"$copies"
  [[ "$busybox" != true ]] || busybox_with_links "$tree"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
