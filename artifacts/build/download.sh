#!/usr/bin/env bash
# Downloads programs, checks each download against the digest that its project publishes, and keeps only the programs named. Works on bash 3.2.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, settings: {files: [{url, digests, programs: [name]}]}}; digests: URL of a digest, alone or in lines "<digest> <file>"
set -euo pipefail

fetch() { # <url> <file>
  curl -fsSL --retry 3 --connect-timeout 10 -o "$2" "$1" || {
    echo "$1 could not be downloaded" >&2
    return 1
  }
}

sha256_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

# published_digest <file with digests> <name>: the one of that name, else the only one.
published_digest() {
  awk -v name="$2" '{ file = $2; sub(/^[*]/, "", file); sub(/.*\//, "", file) }
    file == name || (NF == 1 && NR == 1) { print tolower($1); exit }' "$1"
}

unpack() { # <archive or program> <url> <out> <program …>
  local from="$1" url="$2" out="$3" name inside
  shift 3
  for name; do
    case "$url" in
      *.tgz | *.tar.gz)
        inside="$(tar -tzf "$from" | grep -E "(^|/)$name\$" | sed -n 1p)"
        [[ -n "$inside" ]] || {
          echo "$url holds no program $name" >&2
          return 1
        }
        tar -xzOf "$from" "$inside" >"$out/$name"
        ;;
      *) cp "$from" "$out/$name" ;;
    esac
    chmod 0755 "$out/$name"
  done
}

main() {
  local out work lines url digests programs wanted found
  out=$(jq -er .out <<<"$INPUT")
  lines=$(jq -er '.settings.files[] | "\(.url) \(.digests) \(.programs | join(" "))"' <<<"$INPUT")
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  while read -r url digests programs; do
    echo "== $url"
    fetch "$url" "$work/file"
    fetch "$digests" "$work/digests"
    wanted=$(published_digest "$work/digests" "${url##*/}")
    found=$(sha256_of "$work/file")
    [[ -n "$wanted" && "$wanted" == "$found" ]] || {
      echo "$url has the SHA-256 $found, its project publishes \"$wanted\" at $digests: refused" >&2
      exit 1
    }
    # shellcheck disable=SC2086
    unpack "$work/file" "$url" "$out" $programs
  done <<<"$lines"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
