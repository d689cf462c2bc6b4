# shellcheck shell=bash
# The registries that nodes pull from: one of our own images, and a cache in front of each official registry. Linux only. Wants deployment.sh, file.sh and lab.sh.

# store_settings <folder> <gateway> <port>: serves what the preparation made, read-only.
store_settings() {
  cat <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: "$1"}
  maintenance: {readonly: {enabled: true}, uploadpurging: {enabled: false}}
http: {addr: "$2:$3"}
YAML
}

# cache_settings <folder> <gateway> <port> <remote>: fetches what it has not. Nothing expires: what a pinned fleet pulled once it may need again without a network.
cache_settings() {
  cat <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: "$1"}
  maintenance: {uploadpurging: {enabled: false}}
proxy: {remoteurl: "$4", ttl: 0}
http: {addr: "$2:$3"}
YAML
}

registry_answers() { curl -fsS --noproxy '*' --max-time 2 -o /dev/null "http://$1:$2/v2/" 2>/dev/null; } # <gateway> <port>

start_registry() { # <config> <program> <gateway> <port>
  local holder
  holder="$(ss -Hltnp "sport = :$4" | awk -v own="$3:$4" '$4 == own || $4 ~ /^(0\.0\.0\.0|\*|\[::\]):/ {print $4, $6}')"
  [[ -z "$holder" ]] || die "the registry's address $3:$4 is taken: $holder" 'stop that process, then try again'
  # A child that keeps the runner's lock open would hold the deployment for ever. A cache leaves this host by the way that the host itself leaves.
  (
    for fd in /proc/self/fd/*; do
      fd="${fd##*/}"
      [[ "$fd" -lt 3 || "$fd" -eq 255 ]] || eval "exec $fd>&-"
    done
    exec setsid env -i PATH="$PATH" OTEL_TRACES_EXPORTER=none HTTPS_PROXY="${HTTPS_PROXY:-${https_proxy:-}}" NO_PROXY="${NO_PROXY:-${no_proxy:-}}" \
      "$2" serve "$1" </dev/null >"${1%.yml}.log" 2>&1
  ) &
}

# wanted_registries <deployment> <registryPort>: a line "<name> <port> <remote> <folder>" per registry that sources.json asks for; name and remote of our own are "-".
wanted_registries() {
  jq -r --arg port "$2" '
    (if (.registryStore // "") == "" then empty else "- \($port) - \(.registryStore)" end),
    (. as $sources | (.imageUpstreams // [])[] | "\(.registry) \(.port) \(.remote) \($sources.imageCache)/\(.registry)")' "$1/sources.json"
}

# stop_unwanted <deployment> <uid> <name …>: a deployment that changed its sources leaves none of the old ones behind.
stop_unwanted() {
  local deployment="$1" uid="$2" config name
  shift 2
  for config in "$deployment/logs/registry-$uid"*.yml; do
    name="${config##*/"registry-$uid"}"
    name="${name%.yml}"
    name="${name#@}"
    [[ -e "$config" && " $* " != *" ${name:--} "* ]] || continue
    stop_registry "$uid" "${name:--}"
    rm -f "$config" "$config.changed"
  done
}

# serve_registries <deployment> <uid> <gateway> <registryPort>: all that sources.json asks for and none besides; one that is right is not touched.
serve_registries() {
  local deployment="$1" uid="$2" gateway="$3" program wanted name port remote folder config deadline
  program="$(source_path "$deployment" .bin)/registry"
  wanted="$(wanted_registries "$deployment" "$4")"
  # shellcheck disable=SC2046
  stop_unwanted "$deployment" "$uid" $(cut -d' ' -f1 <<<"$wanted")
  while read -r name port remote folder; do
    [[ -n "$name" ]] || continue
    config="$(registry_config "$deployment" "$uid" "$name")"
    if [[ "$remote" == - ]]; then
      store_settings "$folder" "$gateway" "$port"
    else
      mkdir -p "$folder"
      cache_settings "$folder" "$gateway" "$port" "$remote"
    fi | write_file "$config" 0644 "$config.changed" || exit 1
    if [[ -e "$config.changed" ]]; then
      stop_registry "$uid" "$name"
      rm -f "$config.changed"
    fi
    [[ -n "$(registry_process "$uid" "$name")" ]] || start_registry "$config" "$program" "$gateway" "$port"
  done <<<"$wanted"
  deadline=$((SECONDS + 10))
  while read -r name port _; do
    until [[ -z "$name" ]] || registry_answers "$gateway" "$port"; do
      [[ "$SECONDS" -lt "$deadline" ]] || die "the registry does not answer at http://$gateway:$port/v2/" \
        "its log: $(registry_config "$deployment" "$uid" "$name" | sed 's/yml$/log/')"
      sleep 0.1
    done
  done <<<"$wanted"
}
