# shellcheck shell=bash
# Where the unseal keys and the root token of a Vault are kept: secrets/vault/<cluster>.json, 0600, or an external command (docs/adr/0009). As JSON
# {cluster, threshold, keys, rootToken}, through pipes only: a here-string would be a file. Works on bash 3.2. Wants input.sh, file.sh and vault.sh.

keys_file() { printf '%s/secrets/vault/%s.json\n' "$1" "$2"; } # <deployment> <cluster>

# Holds keys that the external command did not take.
unsaved_file() { printf '%s/secrets/vault/%s.unsaved.json\n' "$1" "$2"; } # <deployment> <cluster>

# keeper <command as JSON list> <load or save> <deployment> <cluster>: runs it in the checkout, with the verb and "<deployment>/<cluster>" as last words.
keeper() {
  local words=() word
  while IFS= read -r word; do words[${#words[@]}]="$word"; done < <(printf '%s' "$1" | jq -r '.[]')
  (cd "$(dirname "$(dirname "$3")")" && exec ${words[@]+"${words[@]}"} "$2" "$(basename "$3")/$4")
}

# load_keys <deployment> <cluster> <command or nothing>: prints what is kept, or nothing. A command that fails ends the script: it may have the keys.
load_keys() {
  local file
  file="$(unsaved_file "$1" "$2")"
  [[ -s "$file" || -n "$3" ]] || file="$(keys_file "$1" "$2")"
  if [[ -s "$file" ]]; then
    cat "$file"
  elif [[ -n "$3" ]]; then
    keeper "$3" load "$1" "$2" </dev/null || die "unsealCommand failed to load the keys of $(basename "$1")/$2" \
      "run it yourself: $(printf '%s' "$3" | jq -r 'join(" ")') load $(basename "$1")/$2; it must print what it was given by \"save\", or nothing when it never was"
  fi
}

# save_keys <deployment> <cluster> <command or nothing>: standard input = the JSON. What the command does not take lies in the unsaved file.
save_keys() {
  local keys
  keys="$(cat)"
  [[ -n "$keys" ]] || return 1
  if [[ -z "$3" ]]; then
    printf '%s\n' "$keys" | write_file "$(keys_file "$1" "$2")" 0600 || exit 1
  elif printf '%s\n' "$keys" | keeper "$3" save "$1" "$2" >/dev/null && [[ "$(keeper "$3" load "$1" "$2" </dev/null)" == "$keys" ]]; then
    rm -f "$(unsaved_file "$1" "$2")"
  else
    printf '%s\n' "$keys" | write_file "$(unsaved_file "$1" "$2")" 0600 || exit 1
    die "unsealCommand did not keep the keys of $(basename "$1")/$2: they lie in $(unsaved_file "$1" "$2") for now" \
      'mend the command, then run the same command again: it gives them to it and removes the file'
  fi
}

# as_root <deployment> <cluster> <command or nothing>: from now on requests carry the root token. Dies when Vault is sealed or somebody else's.
as_root() {
  local keys status
  status="$(vault_status)"
  printf '%s' "$status" | jq -e '.initialized and (.sealed | not)' >/dev/null || die "Vault of cluster $2 is sealed or not initialised" 'open it: npx flotilla boot'
  keys="$(load_keys "$@")"
  vault_token="$(printf '%s' "$keys" | jq -r '.rootToken // empty')"
  [[ -n "$vault_token" ]] || die "there is no root token for the Vault of cluster $2" "put it back as \"rootToken\" where the keys are kept (docs/guide/secrets.md says how to make one)"
}
