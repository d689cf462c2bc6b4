# shellcheck shell=bash
# What the guest scripts share about kubeadm. Runs on nodes. Wants input.sh and file.sh.

admin_conf=/etc/kubernetes/admin.conf
# Written when a join came to its end.
export join_mark=/etc/kubernetes/flotilla/joined

admin() { kubectl --kubeconfig "$admin_conf" "$@"; }

api_ready() { admin get --raw=/readyz --request-timeout=3s >/dev/null 2>&1; }

# wait_for <seconds> <command …>
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ "$SECONDS" -lt "$deadline" ]] || return 1
    sleep 0.3
  done
}

# Which cluster a node belongs to: names and addresses stay when a cluster is made again, its CA does not.
ca_hash() { sha256sum </etc/kubernetes/pki/ca.crt | cut -d" " -f1; }

kubelet_healthy() { curl -fsS --noproxy '*' --max-time 2 -o /dev/null http://127.0.0.1:10248/healthz 2>/dev/null; }

machine_has_cgroup_v2() { [[ "$(stat -fc %T /sys/fs/cgroup)" == cgroup2fs ]]; }

# preflight_flags: cgroup v1 is an error to kubeadm since 1.35, and these machines may have nothing else.
preflight_flags() { machine_has_cgroup_v2 || printf '%s\n' --ignore-preflight-errors=SystemVerification; }

# write_kubeadm_file <path>: standard input = a JSON list of documents.
write_kubeadm_file() {
  jq -r --argjson v1 "$(machine_has_cgroup_v2 && echo false || echo true)" \
    '.[] | if .kind == "KubeletConfiguration" and $v1 then . + {failCgroupV1: false} else . end | "---", tojson' | write_file "$1" 0600 || true
}

# The API server reads it at its first start already.
write_admission() { # <AdmissionConfiguration>
  [[ -z "$1" ]] || jq . <<<"$1" | write_file /etc/kubernetes/admission/config.yaml 0600 || true
}

# run_kubeadm <arguments …>: keeps its output in a log, without the tokens that kubeadm likes to print, and shows the end of it on failure.
run_kubeadm() {
  local log="/var/log/flotilla/kubeadm-$1.log"
  mkdir -p /var/log/flotilla
  kubeadm "$@" 2>&1 | sed -E 's/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/<token>/g' >"$log" || die "kubeadm $1 failed on $FLOTILLA_NODE; from $log there:" "$(grep -aF '[ERROR' "$log" || tail -n 25 "$log")"
}

# reset_node: back to before kubeadm. Never called where etcd may hold a cluster.
reset_node() {
  log "$FLOTILLA_NODE holds a half-done kubeadm run: resetting it"
  run_kubeadm reset --force
  rm -rf /etc/kubernetes /etc/cni/net.d /var/lib/cni
}
