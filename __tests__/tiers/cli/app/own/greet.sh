#!/usr/bin/env bash
# Says hello. Safe to run twice. INPUT: {greeting}
set -euo pipefail

main() {
  printf '%s\n' "$INPUT"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
