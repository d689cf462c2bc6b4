#!/usr/bin/env bash
# Runs node without network, as an unprivileged user, with the checkout mounted read-only at /mnt/checkout, an unwritable home and a PATH without tools.
# Needs root and Linux. Changes nothing outside its namespaces; safe to run twice. Arguments: <checkout> <bin folder> <writable folder> <node argument>...
# The bin folder is mounted at /mnt/bin, the writable folder at /mnt/out.
set -euo pipefail

main() {
  local checkout=$1 bin=$2 writable=$3
  shift 3
  chown -R 65534:65534 "$writable"
  # The inner shell runs in new namespaces: its mounts end with it.
  # shellcheck disable=SC2016
  exec unshare --net --mount --propagation private sh -euc '
    checkout=$1 bin=$2 writable=$3
    shift 3
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/checkout /mnt/bin /mnt/out
    mount --bind "$checkout" /mnt/checkout
    mount -o remount,bind,ro /mnt/checkout
    mount --bind "$bin" /mnt/bin
    mount --bind "$writable" /mnt/out
    cd /
    exec env -i PATH=/mnt/bin HOME=/nonexistent TMPDIR=/mnt/out /mnt/bin/setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/bin/node "$@"
  ' isolated "$checkout" "$bin" "$writable" "$@"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
