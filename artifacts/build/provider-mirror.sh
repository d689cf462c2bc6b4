#!/usr/bin/env bash
# Lays out the provider builds as a filesystem mirror for Terraform, with mirror.json that tells what each was built from.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, needs, settings: {providers: [{type, version, artifact}], standIns: [type]}}
set -euo pipefail

# Terraform names its default provider registry itself, so that no host is written here.
default_registry() {
  local folder
  folder=$(mktemp -d)
  echo '{"terraform":{"required_providers":{"null":{"source":"hashicorp/null"}}}}' >"$folder/main.tf.json"
  CHECKPOINT_DISABLE=1 terraform -chdir="$folder" providers | sed -nE 's#.*provider\[(.*)/hashicorp/null\].*#\1#p' | sed -n 1p
  rm -rf "$folder"
}

# Prints the module and version that a provider's program was built from, as two words.
built_from() {
  local program=$1
  go version -m "$program" | awk '
    $1 == "path" { path = $2 }
    ($1 == "dep" || $1 == "mod") && index(path, $2) == 1 { print $2, $3; exit }'
}

main() {
  local out providers stand_ins host platform type version program module module_version folder
  out=$(jq -er .out <<<"$INPUT")
  providers=$(jq -er '.needs as $needs | .settings.providers[] | "\(.type)\t\(.version)\t\($needs[.artifact])"' <<<"$INPUT")
  stand_ins=$(jq -ec .settings.standIns <<<"$INPUT")
  platform=$(go env GOOS)_$(go env GOARCH)
  host=$(default_registry)
  [[ -n "$host" ]] || {
    echo 'terraform did not name its default provider registry: see what "terraform providers" prints' >&2
    exit 1
  }
  while IFS=$'\t' read -r type version program; do
    program=$program/terraform-provider-$type
    read -r module module_version < <(built_from "$program")
    folder=$out/$host/hashicorp/$type/$version/$platform
    mkdir -p "$folder"
    ln "$program" "$folder/terraform-provider-${type}_v$version"
    jq -nc --arg type "$type" --arg version "$version" --arg built_module "$module" --arg module_version "$module_version" --argjson stand_ins "$stand_ins" \
      '{type: $type, labelledVersion: $version, "module": $built_module, pseudoVersion: $module_version, standIn: ([$type] | inside($stand_ins))}'
  done <<<"$providers" | jq -s . >"$out/mirror.json"
  cat "$out/mirror.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
