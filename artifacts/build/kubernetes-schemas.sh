#!/usr/bin/env bash
# Writes what Kubernetes' own API description says of every kind as JSON schemas for kubeconform: <group>/<kind>_<version>.json.
# Safe to run twice: it only writes the output folder.
# INPUT: {out, root, cache, settings: {source, module}}
set -euo pipefail

# A field that is not described is an error, as for `kubectl apply --validate=strict`.
strict_definitions() {
  jq -c '
    def schema:
      if has("$ref") then {"$ref": ("#" + (.["$ref"] | ltrimstr("#")))}
      else
        del(.description, .default) | with_entries(select(.key | startswith("x-") | not))
        | if .properties then .properties |= map_values(schema) | .additionalProperties = false else . end
        | if (.additionalProperties | type) == "object" then .additionalProperties |= schema else . end
        | if .items then .items |= schema else . end
      end;
    {definitions: (.definitions | map_values(schema)
      | .["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = {type: ["integer", "string"]}
      | .["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {type: ["number", "string"]}
      # Any JSON is a valid default, example or enum of a custom resource.
      | .["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"] = {}
      # A schema or a list of them; a schema or a boolean; a schema or strings.
      | reduce ("JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray") as $name (.;
          .["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1." + $name] = {}))}' "$1"
}

main() {
  local out root cache source module origin group kind version name
  out=$(jq -er .out <<<"$INPUT")
  root=$(jq -er .root <<<"$INPUT")
  cache=$(jq -er .cache <<<"$INPUT")
  source=$(jq -er .settings.source <<<"$INPUT")
  module=$(jq -er .settings.module <<<"$INPUT")
  export GOMODCACHE=$cache/go/mod GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly
  origin=$(cd "$root/$source" && go mod download -json "$module" | jq -er .Dir)/api/openapi-spec/swagger.json
  strict_definitions "$origin" >"$out/definitions.json"
  # The core group has no name; kubeconform puts the version in its place.
  while IFS=$'\t' read -r group kind version name; do
    mkdir -p "$out/$group"
    # shellcheck disable=SC2016
    printf '{"$ref":"../definitions.json#/definitions/%s"}\n' "$name" >"$out/$group/${kind}_$version.json"
  done < <(jq -r '.definitions | to_entries[] | .key as $name | .value["x-kubernetes-group-version-kind"] // [] | .[]
    | [(if .group == "" then .version else .group end), (.kind | ascii_downcase), .version, $name] | @tsv' "$origin")
  [[ -f $out/apps/deployment_v1.json ]] || {
    echo "$origin describes no Deployment: its form has changed" >&2
    exit 1
  }
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
