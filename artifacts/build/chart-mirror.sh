#!/usr/bin/env bash
# Stages the charts that Go modules carry as <name>-<version>/, and charts.json that tells where each came from.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root, cache, settings: {charts: [{source, module, path}]}}
set -euo pipefail

# Prints the value of a top-level key of Chart.yaml.
chart_field() {
  sed -nE "s/^$2: *\"?([^\"]*)\"?\$/\1/p" "$1/Chart.yaml" | sed -n 1p
}

main() {
  local out root cache charts source module path origin version name chart_version
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  cache=$(jq -er .cache <<<"$INPUT")
  charts=$(jq -er '.settings.charts[] | "\(.source)\t\(.module)\t\(.path)"' <<<"$INPUT")
  export GOMODCACHE=$cache/go/mod GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly
  while IFS=$'\t' read -r source module path; do
    # download: the module cache may have been emptied since the program was built.
    read -r version origin < <(cd "$root/$source" && go mod download -json "$module" | jq -er '"\(.Version) \(.Dir)"')
    name=$(chart_field "$origin/$path" name)
    chart_version=$(chart_field "$origin/$path" version)
    cp -rL "$origin/$path" "$out/$name-$chart_version"
    chmod -R u+w "$out/$name-$chart_version"
    jq -nc --arg name "$name" --arg version "$chart_version" --arg built_module "$module" --arg module_version "$version" --arg path "$path" \
      '{name: $name, version: $version, "module": $built_module, moduleVersion: $module_version, path: $path}'
  done <<<"$charts" | jq -s . >"$out/charts.json"
  cat "$out/charts.json"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
