# shellcheck shell=bash
# Talking to Vault over its API, by curl: a token and a body reach it through pipes, so neither is ever an argument, an environment or a file.
# Works on bash 3.2. Wants input.sh, deployment.sh and kubectl.sh, which sets kubectl_*.
# shellcheck disable=SC2154

# open_vault <deployment> <cluster> <address> <namespace> <pod> <seconds>: sets what the functions below ask, and waits until it answers. Without an address
# a forwarded port of the pod: it is inside the API server's TLS and reaches a pod that is not ready, as a sealed Vault never is.
open_vault() {
  local deadline=$((SECONDS + ${6:-120}))
  need curl jq
  vault_token=
  vault_address="$3"
  if [[ -z "$3" ]]; then
    use_cluster "$1" "$2"
    [[ -r "$kubectl_config" ]] || die "there is no kubeconfig for cluster \"$2\": $kubectl_config" 'raise the cluster first: npm start'
    until forward_vault "${4:-vault}" "${5:-vault-0}" && (vault_status) >/dev/null 2>&1; do
      [[ "$SECONDS" -lt "$deadline" ]] || die "Vault does not answer in cluster $2 (pod ${4:-vault}/${5:-vault-0}): $forward_said" \
        "see why: kubectl --kubeconfig $kubectl_config --namespace ${4:-vault} describe pod ${5:-vault-0}"
      sleep 1
    done
  else
    until (vault_status) >/dev/null 2>&1; do
      [[ "$SECONDS" -lt "$deadline" ]] || die "Vault does not answer at $3" "see for yourself: curl $3/v1/sys/seal-status"
      sleep 0.5
    done
  fi
}

# forward_vault <namespace> <pod>: one try. Sets vault_address, or returns 1 and sets forward_said.
forward_vault() {
  local told port
  told="$(mktemp "${TMPDIR:-/tmp}/flotilla-forward.XXXXXX")"
  # Who holds the other end of descriptor 7 keeps the port open: it closes with this script, however that ends.
  exec 7> >(hold_forward "$1" "$2" "$told" >/dev/null 2>&1)
  until port="$(sed -n 's/^Forwarding from 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$told")" && [[ -n "$port" ]]; do
    if grep -q '^ended$' "$told"; then
      forward_said="$(grep -v '^ended$' "$told" | tail -n 1)"
      exec 7>&-
      rm -f "$told"
      return 1
    fi
    sleep 0.1
  done
  rm -f "$told"
  forward_said='the port is forwarded, nothing answers behind it'
  vault_address="http://127.0.0.1:$port"
}

# hold_forward <namespace> <pod> <file>: forwards until standard input ends; writes what kubectl says to the file, and "ended" after it.
hold_forward() {
  local kubectl_process
  # The end of an earlier try's pipe, which must close with the script alone.
  exec 7>&-
  exec 8<&0
  "$kubectl_program" --kubeconfig "$kubectl_config" --namespace "$1" port-forward "pod/$2" :8200 --address 127.0.0.1 </dev/null >"$3" 2>&1 8<&- &
  kubectl_process="$!"
  (
    cat <&8 >/dev/null
    kill "$kubectl_process"
  ) &
  wait "$kubectl_process" || true
  [[ ! -e "$3" ]] || printf 'ended\n' >>"$3"
}

# vault_request <method> <path>: standard input = the body, if any. Prints Vault's answer and below it the HTTP status, 000 for none.
# No .curlrc (it may trace) and no proxy (it would read along). `|| true`: the status tells. It waits for vault_seconds, 60 where nobody set them.
vault_request() {
  curl --disable --silent --noproxy '*' --max-time "${vault_seconds:-60}" --request "$1" --data-binary @- --write-out '\n%{http_code}\n' \
    --config <([[ -z "$vault_token" ]] || printf 'header = "X-Vault-Token: %s"\n' "$vault_token") "$vault_address/v1/$2" || true
}

# vault_write <method> <path>: standard input = the body. Prints the answer, ends the script when it is a refusal.
vault_write() { vault_request "$1" "$2" | vault_accepted "$1" "$2"; }

# vault_accepted <method> <path>: standard input = what vault_request printed.
vault_accepted() {
  local answer status
  answer="$(cat)"
  status="${answer##*$'\n'}"
  answer="${answer%$'\n'*}"
  case "$status" in
    2??) printf '%s\n' "$answer" ;;
    000) die "Vault did not answer to $1 $2" 'run the same command again; is its pod there: kubectl --namespace vault get pods' ;;
    *) die "Vault refuses $1 $2 (HTTP $status): $(vault_errors "$answer")" "$(vault_remedy "$status")" ;;
  esac
}

vault_errors() { printf '%s' "$1" | jq -r '[.errors[]?] | join("; ")' 2>/dev/null || true; } # <answer>

vault_remedy() { # <status>
  case "$1" in
    403) printf 'the token that is kept for it is no longer good: see docs/guide/secrets.md\n' ;;
    503) printf 'it is sealed: npx flotilla boot\n' ;;
    *) printf 'run the same command again; then read its log: kubectl --namespace vault logs vault-0\n' ;;
  esac
}

# vault_read <path>: prints the answer, an empty object where there is nothing.
vault_read() {
  local answer
  answer="$(vault_request GET "$1" </dev/null)"
  case "${answer##*$'\n'}" in
    2??) printf '%s\n' "${answer%$'\n'*}" ;;
    404) printf '{}\n' ;;
    *) die "Vault does not tell $1 (HTTP ${answer##*$'\n'}): $(vault_errors "${answer%$'\n'*}")" "$(vault_remedy "${answer##*$'\n'}")" ;;
  esac
}

vault_status() { vault_read sys/seal-status; } # {initialized, sealed, t, n, progress}

# mount_engine <sys/mounts or sys/auth> <path> <body with its type>: once; one of another type there is refused. Returns 1 when it was there.
mount_engine() {
  local there wanted
  wanted="$(printf '%s' "$3" | jq -r .type)"
  # exit: who asks whether it was there has switched errexit off.
  there="$(vault_read "$1" | jq -r --arg path "$2/" '.data[$path].type // empty')" || exit 1
  [[ "$there" != "$wanted" ]] || return 1
  [[ -z "$there" ]] || die "Vault has a \"$there\" at $2, not a \"$wanted\"" "somebody mounted it by hand: vault secrets list; move it away: vault secrets move $2 $2-old"
  printf '%s' "$3" | vault_write POST "$1/$2" >/dev/null || exit 1
}
