#!/usr/bin/env bash
# On a control plane: approves the serving certificates of exactly these kubelets, then waits for them. Safe to run twice: what is issued is only looked at.
#   INPUT {nodes: [{name, address}], timeoutSeconds}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

# serves <name> <address>: the kubelet shows a certificate of the cluster's CA for its name and address (it refuses us, which is right).
serves() {
  curl -sS --noproxy '*' --max-time 3 -o /dev/null --cacert /etc/kubernetes/pki/ca.crt --resolve "$1:10250:$2" "https://$1:10250/healthz" 2>/dev/null &&
    curl -sS --noproxy '*' --max-time 3 -o /dev/null --cacert /etc/kubernetes/pki/ca.crt "https://$2:10250/healthz" 2>/dev/null
}

# pending_of <name>: prints "<csr> <request in base64>" of each open request that claims to be of this kubelet.
pending_of() {
  admin get csr -o json | jq -r --arg user "system:node:$1" '.items[]
    | select(.spec.signerName == "kubernetes.io/kubelet-serving" and .spec.username == $user and (.status.conditions // [] | length) == 0)
    | select(.spec.usages - ["digital signature", "key encipherment", "server auth"] == [])
    | "\(.metadata.name) \(.spec.request)"'
}

# fits <request in base64> <name> <address>: subject and names are the node's own, nothing else.
fits() {
  local text names
  text="$(base64 -d <<<"$1" | openssl req -noout -text -nameopt RFC2253 2>/dev/null)" || return 1
  grep -qxE " *Subject: (CN=system:node:$2,O=system:nodes|O=system:nodes,CN=system:node:$2)" <<<"$text" || return 1
  names="$(grep -A1 'X509v3 Subject Alternative Name' <<<"$text" | tail -n 1 | tr -d ' ' | tr ',' '\n')"
  [[ -n "$names" ]] && ! grep -qvxF -e "DNS:$2" -e "IPAddress:$3" <<<"$names"
}

main() {
  local nodes timeoutSeconds name address csr request left deadline
  read_input nodes timeoutSeconds
  ready_or_next
  deadline=$((SECONDS + timeoutSeconds))
  while :; do
    left=
    while read -r name address; do
      serves "$name" "$address" && continue
      left="$left $name"
      while read -r csr request; do
        fits "$request" "$name" "$address" || die "the request $csr of system:node:$name asks for more than $name and $address" \
          "look at it: kubectl get csr $csr -o yaml; if it is wrong: kubectl certificate deny $csr"
        admin certificate approve "$csr" >/dev/null
      done < <(pending_of "$name")
    done < <(jq -r '.[] | "\(.name) \(.address)"' <<<"$nodes")
    [[ -n "$left" ]] || return 0
    [[ "$SECONDS" -lt "$deadline" ]] || die "no serving certificate after $timeoutSeconds s:$left" \
      'see the requests: kubectl get csr; and on the node: journalctl -u kubelet'
    sleep 0.3
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
