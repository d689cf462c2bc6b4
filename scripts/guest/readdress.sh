#!/usr/bin/env bash
# Moves a node to its new address: kubelet and, on a control plane, certificates, static pods, their kubeconfigs, etcd's member, kubeadm's own notes.
# Safe to run twice and to be killed anywhere: each part is looked at, and what is right stays. A machine without a cluster has nothing to move.
#   INPUT {address, and on a control plane documents: [what init.sh gets for this node], peers?: [{old, new}] of other control planes that moved}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"
# shellcheck source=../lib/containers.sh
. "$here/../lib/containers.sh"
# shellcheck source=../lib/etcd-peers.sh
. "$here/../lib/etcd-peers.sh"

# The root of the file system; another one in trials.
kubernetes="${ROOT_FOLDER:-}/etc/kubernetes"
flags="${ROOT_FOLDER:-}/var/lib/kubelet/kubeadm-flags.env"
static_pods='kube-apiserver kube-controller-manager kube-scheduler etcd'

# Files that may say where this node is.
addressed_files() {
  local file
  for file in "$kubernetes"/manifests/{kube-apiserver,etcd}.yaml "$kubernetes"/{controller-manager,scheduler,kubelet}.conf "$flags"; do
    [[ ! -e "$file" ]] || printf '%s\n' "$file"
  done
}

# own_addresses: what those files take for this node's address, once each.
own_addresses() {
  local file
  addressed_files | while read -r file; do
    case "$file" in
      *kube-apiserver.yaml) sed -nE 's/^ *- --advertise-address=([0-9.]+)$/\1/p' "$file" ;;
      *etcd.yaml) sed -nE 's|^ *- --advertise-client-urls=https://([0-9.]+):2379$|\1|p' "$file" ;;
      *.conf) sed -nE 's|^ *server: https://([0-9.]+):[0-9]+$|\1|p' "$file" ;;
      *) sed -nE 's/.*--node-ip=([0-9.]+).*/\1/p' "$file" ;;
    esac
  done | sort -u
}

# put_in_place <file> <old addresses> <new address>. The fresh file is made elsewhere: the kubelet runs whatever lies among the manifests.
put_in_place() {
  local file="$1" old fresh="$kubernetes/flotilla/readdressed" word words=()
  for old in $2; do
    word="s/(^|[^0-9.])${old//./\\.}([^0-9.]|\$)/\\1$3\\2/g"
    # Twice: one match ends where the next would begin.
    words+=(-e "$word" -e "$word")
  done
  mkdir -p "$kubernetes/flotilla"
  (umask 077 && sed -E "${words[@]}" "$file" >"$fresh")
  chmod --reference="$file" "$fresh"
  sync "$fresh"
  mv -f "$fresh" "$file"
}

wrong_certificates() { # <address>
  local name
  for name in apiserver etcd/server etcd/peer; do
    [[ -e "$kubernetes/pki/$name.key" ]] && [[ "$(openssl x509 -in "$kubernetes/pki/$name.crt" -noout -checkip "$1" 2>/dev/null)" == *'does match'* ]] ||
      printf '%s\n' "$name"
  done
}

# Half a pair is an error to kubeadm, so both halves go first.
make_certificates() { # <names …>; standard input = kubeadm's documents
  local file name
  file="$(dirname "$SECRET_FILE")/certificates.yaml"
  write_kubeadm_file "$file"
  for name; do
    rm -f "$kubernetes/pki/$name.crt" "$kubernetes/pki/$name.key"
    run_kubeadm init phase certs "${name/\//-}" --config "$file"
  done
}

# What kubeadm reads when a control plane joins, or at an upgrade. Where there is nothing yet, init writes it.
right_notes() { # <kubeadm file> <address>
  local notes
  notes="$(admin -n kube-system get configmap kubeadm-config --ignore-not-found -o jsonpath='{.data.ClusterConfiguration}')"
  [[ -z "$notes" ]] || grep -qxF -- "  - $2" <<<"$notes" || run_kubeadm init phase upload-config kubeadm --config "$1" --kubeconfig "$(own_conf)"
}

main() {
  local address documents peers old wrong='' file="$kubernetes/flotilla/kubeadm.yaml"
  read_input address 'documents?' 'peers?'
  old="$(own_addresses | grep -vxF "$address" | paste -sd' ' || true)"
  [[ -n "$(own_addresses)" ]] || return 0
  if [[ -e "$kubernetes/manifests/kube-apiserver.yaml" ]]; then
    [[ -n "$documents" ]] || die "$FLOTILLA_NODE is a control plane and came without its kubeadm documents" "$(input_fault documents)"
    # Where init ran, joins read this file later.
    [[ -e "$file" ]] || file="$(dirname "$SECRET_FILE")/kubeadm.yaml"
    write_kubeadm_file "$file" <<<"$documents"
    wrong="$(wrong_certificates "$address" | paste -sd' ')"
  fi

  if [[ -n "$old$wrong" ]]; then
    log "$FLOTILLA_NODE moves from ${old:-certificates of another address} to $address"
    # Off before anything changes, so that nothing runs with half of it; a kubelet that is off says that the work is not done.
    systemctl stop kubelet
    # shellcheck disable=SC2086
    [[ -z "$wrong" ]] || with_old_names "$documents" "$([[ "${peers:-[]}" == '[]' ]] || printf '%s' "$old")" | make_certificates $wrong
    # shellcheck disable=SC2086
    kill_containers_named $static_pods
    while read -r changed; do put_in_place "$changed" "$old" "$address"; done < <([[ -z "$old" ]] || addressed_files)
  fi
  open_detours "$peers"
  systemctl is-active --quiet kubelet || systemctl restart kubelet
  [[ -e "$kubernetes/manifests/kube-apiserver.yaml" ]] || return 0
  wait_for 120 api_ready || die "the API server of $FLOTILLA_NODE does not become ready at $address" "see why, on the node: journalctl -u kubelet, and the logs below /var/log/pods"
  settle_peers "$address" "$peers"
  right_notes "$file" "$address"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
