# shellcheck shell=bash
# Files that are there whole or not at all. Works on bash 3.2.

# write_file <path> <mode>: standard input becomes the file, at once; an equal file stays untouched. Returns 0 when it changed, 1 when not.
write_file() {
  local path="$1" mode="$2" fresh="$1.new.$$"
  mkdir -p "$(dirname "$path")"
  (
    umask 077
    cat >"$fresh"
  )
  if cmp -s "$fresh" "$path"; then
    rm -f "$fresh"
    chmod "$mode" "$path"
    return 1
  fi
  chmod "$mode" "$fresh"
  # A power cut can keep the new name and lose the content.
  sync "$fresh"
  mv -f "$fresh" "$path"
}
