#!/usr/bin/env bash
# Makes the first control plane of a cluster. Safe to run twice: a cluster is repaired, a half-done init is finished, data is never thrown away.
#   INPUT {documents: [InitConfiguration, ClusterConfiguration, KubeletConfiguration, KubeProxyConfiguration], admission: {AdmissionConfiguration}?}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../lib/input.sh
. "$here/../lib/input.sh"
# shellcheck source=../lib/file.sh
. "$here/../lib/file.sh"
# shellcheck source=../lib/kubeadm.sh
. "$here/../lib/kubeadm.sh"

kubeadm_file=/etc/kubernetes/flotilla/kubeadm.yaml

# state: "done", "none" (nothing of kubeadm), "data" (killed after etcd's first write), "half" (killed before it)
state() {
  if [[ -e "$init_mark" || -e "$join_mark" ]]; then
    echo 'done'
  elif [[ -d /var/lib/etcd/member ]]; then
    echo data
  elif [[ -e /etc/kubernetes/pki || -e /var/lib/kubelet/config.yaml ]]; then
    echo half
  else
    echo none
  fi
}

repair() {
  api_ready && return 0
  systemctl is-active --quiet kubelet || systemctl restart kubelet
  wait_for 60 api_ready && return 0
  systemctl restart kubelet
  wait_for 90 api_ready || die "the API server of $FLOTILLA_NODE does not become ready" \
    "see why, on the node: journalctl -u kubelet, and the logs below /var/log/pods"
}

init() { # <documents> <admission> [<flag>]
  write_admission "$2"
  write_kubeadm_file "$kubeadm_file" <<<"$1"
  # shellcheck disable=SC2046,SC2086
  run_kubeadm init --config "$kubeadm_file" ${3:-$(preflight_flags)}
  # kubeadm leaves a token that anybody could join with for a day; every join of ours makes its own.
  admin --namespace kube-system delete secret --field-selector type=bootstrap.kubernetes.io/token --ignore-not-found >/dev/null
  : >"$init_mark"
}

main() {
  local documents admission
  read_input documents 'admission?'
  case "$(state)" in
    'done') repair ;;
    none) init "$documents" "$admission" ;;
    # kubeadm's phases take what is there; only its preflight objects to it.
    data) init "$documents" "$admission" --ignore-preflight-errors=all ;;
    half)
      reset_node
      init "$documents" "$admission"
      ;;
  esac
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
