# shellcheck shell=bash
# Programs that outlive the script that starts them, as agents of launchd: what nohup starts dies with the Ctrl-C that ends Terraform, and keeps what it
# inherited open. Nothing starts by itself at login: booting is our own order of things. Works on bash 3.2. Wants input.sh and file.sh.

agent_domain() { printf 'gui/%s\n' "$(id -u)"; }

xml_text() { sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'; }

xml_strings() { # <word …>
  local word
  for word; do printf '    <string>%s</string>\n' "$(printf '%s' "$word" | xml_text)"; done
}

# agent_plist <label> <log> <name=value …> -- <word …>
agent_plist() {
  local label="$1" log="$2"
  shift 2
  printf '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n'
  printf '  <key>Label</key>\n%s\n  <key>EnvironmentVariables</key>\n  <dict>\n' "$(xml_strings "$label")"
  while [[ "$1" != -- ]]; do
    printf '    <key>%s</key>\n%s\n' "${1%%=*}" "$(xml_strings "${1#*=}")"
    shift
  done
  shift
  printf '  </dict>\n  <key>ProgramArguments</key>\n  <array>\n%s\n  </array>\n  <key>RunAtLoad</key>\n  <false/>\n' "$(xml_strings "$@")"
  # Interactive: an agent in the background is throttled.
  printf '  <key>ProcessType</key>\n  <string>Interactive</string>\n  <key>StandardOutPath</key>\n%s\n  <key>StandardErrorPath</key>\n%s\n</dict>\n</plist>\n' \
    "$(xml_strings "$log")" "$(xml_strings "$log")"
}

is_unknown() { [[ "$1" == *'Could not find'* || "$1" == *'No such process'* ]]; } # <what launchctl said>

# agent_is_known <label>: ends the script when launchd does not tell.
agent_is_known() {
  local said
  ! said="$(launchctl print "$(agent_domain)/$1" 2>&1 >/dev/null)" || return 0
  is_unknown "$said" || die "launchd does not tell whether there is an agent $1: $said" "see for yourself: launchctl print $(agent_domain)/$1"
  return 1
}

agent_runs() { launchctl print "$(agent_domain)/$1" 2>/dev/null | awk '/^[[:space:]]*pid = [0-9]/ { found = 1 } END { exit !found }'; } # <label>

# start_agent <label> <plist>: standard input is the property list. An instance of it that runs is replaced: nobody asks who does not miss one.
start_agent() {
  local tries=0 said
  write_file "$2" 0644 "$2.changed" || exit 1
  if [[ -e "$2.changed" ]]; then
    forget_agent "$1"
    rm -f "$2.changed"
  fi
  if ! agent_is_known "$1"; then
    # One that was just taken out may still be ending.
    until said="$(launchctl bootstrap "$(agent_domain)" "$2" 2>&1)"; do
      tries=$((tries + 1))
      [[ "$tries" -lt 5 ]] || die "launchd does not take $2: $said" "you must be logged in to the desktop of this Mac: launchctl print $(agent_domain)"
      sleep 1
    done
  fi
  launchctl kickstart -k "$(agent_domain)/$1" >/dev/null || die "launchd does not start $1" "see why: launchctl print $(agent_domain)/$1"
}

# forget_agent <label>: ends it, until launchd says itself that there is none. One that it does not know is fine.
forget_agent() {
  local said deadline=$((SECONDS + 30))
  until ! said="$(launchctl bootout "$(agent_domain)/$1" 2>&1)" && is_unknown "$said"; do
    [[ "$SECONDS" -lt "$deadline" ]] || die "the agent $1 does not end: $said" "see why: launchctl print $(agent_domain)/$1"
    sleep 0.2
  done
}
