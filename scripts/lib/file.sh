# shellcheck shell=bash
# Files that are there whole or not at all. Works on bash 3.2. Wants input.sh.

# write_file <path> <mode> [<mark>]: standard input becomes the file, at once; an equal file stays untouched. Where the file becomes another one, the mark is
# made before: whoever acts on the change, and takes the mark away then, may be killed in between. Ends with 1, and says so, when the file cannot be written or
# there is nothing to write: what should have told has failed. In a pipe that does not end the script: write `|| exit 1` after it.
write_file() {
  local path="$1" mode="$2" mark="${3:-}" fresh="$1.new.$$"
  if ! { mkdir -p "$(dirname "$path")" && drop_unfinished "$path" && (umask 077 && cat >"$fresh"); }; then
    rm -f "$fresh"
    die "$path cannot be written" "is the disk full, is the folder somebody else's? df -h $(dirname "$path"); ls -ld $(dirname "$path")"
  fi
  if [[ ! -s "$fresh" ]]; then
    rm -f "$fresh"
    die "there is nothing to write to $path: what should have made it has failed" "see why, above; $path is as it was"
  fi
  if cmp -s "$fresh" "$path"; then
    rm -f "$fresh"
    chmod "$mode" "$path" || die "the mode of $path cannot be made $mode"
    return 0
  fi
  # A power cut can keep the new name and lose the content.
  if ! { { [[ -z "$mark" ]] || : >"$mark"; } && chmod "$mode" "$fresh" && sync "$fresh" && mv -f "$fresh" "$path"; }; then
    rm -f "$fresh"
    die "$path cannot be put in its place" "is the disk full? df -h $(dirname "$path")"
  fi
}

# drop_unfinished <path>: what a script that was killed had begun to write; it may be a secret.
drop_unfinished() {
  local file
  for file in "$1".new.*; do
    [[ ! "$file" =~ \.[0-9]+$ ]] || kill -0 "${file##*.}" 2>/dev/null || rm -f "$file"
  done
}
