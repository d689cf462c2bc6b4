#!/usr/bin/env bash
# Runs one preparation script; when the starter dies (stdin closes), kills the whole process group.
# Safe to run twice: it keeps nothing.
# INPUT: the script's own, passed on. Argument: the script.
set -euo pipefail

main() {
  local script=$1 status=0 watcher
  exec 3<&0 </dev/null
  (
    read -r _ <&3 || true
    kill -KILL -- "-$$"
  ) &
  watcher=$!
  bash "$script" 3<&- || status=$?
  # The watcher must not see the pipe close after a normal end: the group id could belong to somebody else by then.
  kill -KILL "$watcher"
  wait "$watcher" 2>/dev/null || true
  return "$status"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
