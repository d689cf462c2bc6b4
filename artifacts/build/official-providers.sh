#!/usr/bin/env bash
# Lets Terraform fetch (and check) the official providers once and keeps them as a filesystem mirror, with mirror.json that lists their versions.
# Safe to run twice: it only writes the output folder. A mirror, not Terraform's own cache: that one breaks when several stacks fill it at once. Works on bash 3.2.
# INPUT: {out, settings: {providers: {type: range}}}
set -euo pipefail

main() {
  local out work
  out=$(jq -er .out <<<"$INPUT")
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  mkdir "$work/cache"
  jq -e '.settings.providers | {terraform: {required_providers: with_entries(.value = {source: "hashicorp/\(.key)", version: .value})}}' <<<"$INPUT" \
    >"$work/main.tf.json"
  # A person's own configuration stays in force: it may name a mirror of their company.
  CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_PLUGIN_CACHE_DIR="$work/cache" terraform -chdir="$work" init -backend=false -input=false -no-color
  # Terraform links what it took from a local mirror.
  cp -RL "$work/cache/." "$out/"
  (cd "$out" && find . -type f -name 'terraform-provider-*' | sed 's#^\./##') |
    jq -Rn '[inputs | split("/") | {source: "\(.[1])/\(.[2])", version: .[3], standIn: false}] | sort_by(.source)' >"$out/mirror.json"
  cat "$out/mirror.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
