#!/bin/sh
# Keeps one CPU and SIZE MiB of memory busy for SECONDS_BUSY seconds. Runs in busybox.
set -eu

head -c "$((SIZE * 1048576))" /dev/zero >/scratch/ballast
end=$(($(date +%s) + SECONDS_BUSY))
rounds=0
while [ "$(date +%s)" -lt "$end" ]; do
  md5sum /scratch/ballast >/dev/null
  rounds=$((rounds + 1))
done
echo "busy for $SECONDS_BUSY s, $rounds rounds over $SIZE MiB"
