# shellcheck shell=bash
# The fleet's registry on a host whose address is known only once a machine runs. Works on bash 3.2. Wants input.sh, file.sh, deployment.sh, lock.sh, agent.sh
# and registry.sh.

registry_label() { printf 'flotilla.%s.registry\n' "$1"; }                # <uid>
registry_plist() { printf '%s/%s/registry.plist\n' "$(host_data)" "$1"; } # <uid>

# host_registry <deployment> <uid> <our address>: starts it where it does not answer, and prints its URL; prints nothing where the deployment has no
# registry of its own, as with official downloads.
host_registry() {
  local port store program folder config
  port="$(jq -r '.registryPort // empty' "$1/lab.json" 2>/dev/null)" || true
  store="$(jq -r '.registryStore // empty' "$1/sources.json")"
  program="$(source_path "$1" .bin)/registry"
  [[ -n "$port" && -d "$store" && -x "$program" ]] && command -v launchctl >/dev/null || return 0
  folder="$(host_data)/$2"
  config="$folder/registry.yml"
  # Machines start side by side.
  (
    exec 7>"$folder/registry.lock"
    lock_descriptor 7 60 || die 'another start of the registry has been at work for 60 s' "see who it is: lsof $folder/registry.lock"
    store_settings "$store" "$3" "$port" | write_file "$config" 0644 "$config.changed" || exit 1
    if [[ -e "$config.changed" ]] || ! registry_answers "$3" "$port"; then
      agent_plist "$(registry_label "$2")" "$folder/registry.log" OTEL_TRACES_EXPORTER=none -- "$program" serve "$config" |
        start_agent "$(registry_label "$2")" "$(registry_plist "$2")" 7>&- || exit 1
      await_registry "$3" "$port" "$folder/registry.log"
      rm -f "$config.changed"
    fi
  ) || return 1
  printf 'http://%s:%s\n' "$3" "$port"
}

await_registry() { # <address> <port> <log>
  local deadline=$((SECONDS + 10))
  until registry_answers "$1" "$2"; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "the registry does not answer at http://$1:$2/v2/" "its log: $3" "$(tail -n 3 "$3" 2>/dev/null)"
    sleep 0.2
  done
}

stop_host_registry() { # <uid>
  ! command -v launchctl >/dev/null || forget_agent "$(registry_label "$1")"
}
