# shellcheck shell=bash
# What the guest scripts share about kubeadm. Runs on nodes. Wants input.sh and file.sh.

admin_conf=/etc/kubernetes/admin.conf
# Written when a join, or an init, came to its end.
export join_mark=/etc/kubernetes/flotilla/joined init_mark=/etc/kubernetes/flotilla/initialised

# own_conf: prints the path of an admin.conf for this node's own API server: the one of kubeadm names the cluster, and the first control plane of that name
# may be off. Lives as long as the receiver's folder, in memory.
own_conf() {
  local file address
  file="$(dirname "$SECRET_FILE")/admin.conf"
  if [[ ! -e "$file" ]]; then
    address="$(sed -n 's/^ *- --advertise-address=//p' /etc/kubernetes/manifests/kube-apiserver.yaml)"
    (umask 077 && sed -E "s|^( *server:) .*|\1 https://$address:6443|" "$admin_conf" >"$file")
  fi
  printf '%s\n' "$file"
}

admin() { kubectl --kubeconfig "$(own_conf)" "$@"; }

api_ready() { admin get --raw=/readyz --request-timeout=5s >/dev/null 2>&1; }

# ready_or_next: where this node's API server is not ready, another control plane is to be asked: on_control_plane knows the exit code.
ready_or_next() {
  [[ -e "$admin_conf" ]] || exit 4
  wait_for 5 api_ready || exit 3
}

# etcd_member <list|remove> <json>: etcd's own gateway, which needs neither the API server nor a program on the node.
etcd_member() {
  curl -fsS --noproxy '*' --max-time 10 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt \
    --key /etc/kubernetes/pki/etcd/healthcheck-client.key -d "$2" "https://127.0.0.1:2379/v3/cluster/member/$1"
}

etcd_members() { etcd_member list '{"linearizable":true}'; }

# remove_member <node> <address>: also one that was announced and never came, which has no name yet.
remove_member() {
  local id
  for id in $(etcd_members | jq -r --arg name "$1" --arg peer "https://$2:2380" \
    '.members[] | select(.name == $name or ((.name // "") == "" and (.peerURLs | index($peer)))) | .ID'); do
    log "removing the etcd member $1 ($id)"
    etcd_member remove "{\"ID\":\"$id\"}" >/dev/null
  done
}

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

# cgroup_driver: kubelet must do as containerd does, and only the machine knows how that was configured.
cgroup_driver() {
  if containerd config dump 2>/dev/null | awk '/^ *SystemdCgroup = true/ { found = 1 } END { exit !found }'; then echo systemd; else echo cgroupfs; fi
}

# write_kubeadm_file <path>: standard input = a JSON list of documents.
write_kubeadm_file() {
  jq -r --argjson v1 "$(machine_has_cgroup_v2 && echo false || echo true)" --arg driver "$(cgroup_driver)" \
    '.[] | if .kind == "KubeletConfiguration" then . + {cgroupDriver: $driver} + (if $v1 then {failCgroupV1: false} else {} end) else . end | "---", tojson' |
    write_file "$1" 0600 || exit 1
}

# The API server reads it at its first start already.
write_admission() { # <AdmissionConfiguration>
  [[ -z "$1" ]] || jq . <<<"$1" | write_file /etc/kubernetes/admission/config.yaml 0600 || exit 1
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
