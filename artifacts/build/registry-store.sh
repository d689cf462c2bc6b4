#!/usr/bin/env bash
# Fills a registry's storage folder with the pod images; registries on the lab's bridges serve it read-only.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, needs: {registry, crane, "pod-images", and others that end with "pod-images"}}
set -euo pipefail

registry_pid=
config=

clean_up() {
  [[ -z "$registry_pid" ]] || kill "$registry_pid" 2>/dev/null || true
  rm -f "$config"
}

# The store's blobs become hard links of the layouts' blobs, which halves the disk that both take.
share_blobs() {
  local out=$1 images=$2 blob digest data
  for blob in "$images"/*/blobs/sha256/*; do
    digest=${blob##*/}
    data=$out/docker/registry/v2/blobs/sha256/${digest:0:2}/$digest/data
    [[ ! -e "$data" ]] || ln -f "$blob" "$data"
  done
}

# Prints a loopback port that nothing listens on.
free_port() {
  local port
  for port in {15000..15099}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
      echo "$port"
      return 0
    }
  done
  echo 'no free port between 15000 and 15099 on 127.0.0.1: end what listens there' >&2
  return 1
}

wait_until_it_answers() {
  local port=$1 attempt
  for ((attempt = 0; attempt < 100; attempt++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
    kill -0 "$registry_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "the registry did not answer on 127.0.0.1:$port within 10 s" >&2
  return 1
}

main() {
  local out registry crane all images port pushes folder reference
  out=$(jq -er .out <<<"$INPUT")
  registry=$(jq -er .needs.registry <<<"$INPUT")/registry
  crane=$(jq -er .needs.crane <<<"$INPUT")/crane
  all=()
  while IFS= read -r images; do all+=("$images"); done \
    < <(jq -er '.needs | to_entries[] | select(.key | endswith("pod-images")) | .value' <<<"$INPUT")
  port=$(free_port)
  config=$(mktemp)
  trap clean_up EXIT
  jq -n --arg folder "$out" --arg address "127.0.0.1:$port" \
    '{version: "0.1", log: {level: "error", accesslog: {disabled: true}}, storage: {filesystem: {rootdirectory: $folder}}, http: {addr: $address}}' >"$config"
  OTEL_TRACES_EXPORTER=none "$registry" serve "$config" &
  registry_pid=$!
  wait_until_it_answers "$port"
  # Without any registry's host: nodes ask the mirror by path.
  for images in ${all[@]+"${all[@]}"}; do
    pushes=$(jq -er '.[] | "\(.folder)\t\(.repository):\(.tag)"' "$images/images.json")
    while IFS=$'\t' read -r folder reference; do
      "$crane" push --insecure "$images/$folder" "127.0.0.1:$port/$reference"
    done <<<"$pushes"
  done
  kill "$registry_pid"
  wait "$registry_pid" 2>/dev/null || true
  find "$out" -type d -name _uploads -prune -exec rm -rf {} +
  for images in ${all[@]+"${all[@]}"}; do share_blobs "$out" "$images"; done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
