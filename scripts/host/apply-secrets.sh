#!/usr/bin/env bash
# Lays Secrets down in one namespace of a cluster, filled with values that the deployment makes up once. Safe to run twice: values stay, an equal Secret is
# not touched, and one that External Secrets keeps is left to it. No value is ever on a command line, in an environment or in what is printed.
#   INPUT {deployment, uid, cluster, namespace, component, secrets: [{name, type?, helmOwned?, keys: {key: "text with {word}"}}]}
# A {word} is the text of secrets/random/<word> (32 letters and digits, no newline); {name.crt} and {name.key} are the files of secrets/ca; {name.brought} is
# secrets/brought/<name>, which a person writes, without the newline at its end.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/lock.sh
. "$here/../lib/lock.sh"
# shellcheck source=../lib/deployment.sh
. "$here/../lib/deployment.sh"
# shellcheck source=../lib/kubectl.sh
. "$here/../lib/kubectl.sh"
# shellcheck source=../lib/random-secrets.sh
. "$here/../lib/random-secrets.sh"

word='\{(?<word>[a-z0-9][a-z0-9-]*(\.(crt|key))?|[A-Za-z0-9][A-Za-z0-9_-]*\.brought)\}'

words_of() { printf '%s' "$1" | jq -r --arg word "$word" '[.[].keys[] | scan($word)[0]] | unique[]'; } # <secrets>

# known_values <deployment> <word …>: prints {word: value}.
known_values() {
  local deployment="$1" name files=()
  shift
  for name; do files+=(--rawfile "$name" "$(secret_file "$deployment" "$name")"); done
  jq -nc ${files[@]+"${files[@]}"} '$ARGS.named | with_entries(if .key | endswith(".brought") then .value |= sub("\\s+$"; "") else . end)'
}

# manifest <secret>; standard input: the known values. Prints the Secret.
manifest() {
  # shellcheck disable=SC2154 # read_input sets them in main
  jq -c --arg word "$word" --argjson secret "$1" --arg namespace "$namespace" --arg component "$component" --arg uid "$uid" '. as $known | $secret
    | {apiVersion: "v1", kind: "Secret", type: (.type // "Opaque"),
       metadata: {name, $namespace, labels: ({"flotilla.dev/uid": $uid, "flotilla.dev/component": $component}
           + if .helmOwned then {"app.kubernetes.io/managed-by": "Helm"} else {} end),
         annotations: (if .helmOwned then {"meta.helm.sh/release-name": $component, "meta.helm.sh/release-namespace": $namespace} else {} end)},
       data: (.keys | map_values(gsub($word; $known[.word]) | @base64))}'
}

# keeper <name>: prints who keeps the Secret of that name: nobody, external-secrets, us or others.
keeper() {
  local found
  # Its labels and owners only: not even our own program is shown what is in it.
  found="$(cluster_kubectl get secret "$1" --namespace "$namespace" --ignore-not-found \
    --output 'jsonpath=there {.metadata.ownerReferences[*].kind}/{.metadata.labels.reconcile\.external-secrets\.io/managed} uid={.metadata.labels.flotilla\.dev/uid} ')" || return 1
  case "$found" in
    '') echo nobody ;;
    *ExternalSecret* | */true*) echo external-secrets ;;
    *" uid=$uid ") echo us ;;
    *) echo others ;;
  esac
}

lay() { # <name> <secret> <known values>
  local name="$1" kept
  kept="$(keeper "$name")" || die "cluster $cluster: nobody can say whether there is a Secret $namespace/$name" 'is the API up? npx flotilla status'
  case "$kept" in
    external-secrets) log "Secret $namespace/$name of $cluster is kept by External Secrets: left alone" && return 0 ;;
    others)
      die "cluster $cluster has a Secret $namespace/$name that is not of this deployment" \
        "look whose it is: kubectl --kubeconfig $kubectl_config --namespace $namespace get secret $name --output yaml" \
        "hand it over, and its content is replaced: kubectl --kubeconfig $kubectl_config --namespace $namespace label secret $name flotilla.dev/uid=$uid"
      ;;
  esac
  # By standard input; and on the server's side, because kubectl's own way keeps a copy of the values in an annotation.
  printf '%s' "$3" | manifest "$2" | cluster_kubectl apply --server-side --force-conflicts --field-manager=flotilla --filename - >/dev/null ||
    die "cluster $cluster does not take the Secret $namespace/$name" 'what it said stands above'
}

main() {
  local deployment uid cluster namespace component secrets words known name secret
  read_input deployment uid cluster namespace component secrets
  deployment="$(open_deployment "$deployment")"
  use_cluster "$deployment" "$cluster"
  [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$cluster\": $kubectl_config" 'raise the cluster first: npm start'
  words="$(words_of "$secrets")"
  # shellcheck disable=SC2086 # a word is letters, digits, dashes and a dot
  make_secrets "$deployment" $words
  # shellcheck disable=SC2086
  known="$(known_values "$deployment" $words)"
  while read -r name && IFS= read -r secret; do lay "$name" "$secret" "$known"; done < <(printf '%s' "$secrets" | jq -r '.[] | .name, tojson')
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
