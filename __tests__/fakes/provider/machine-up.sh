#!/usr/bin/env bash
# The fake of machine-up.sh: a process stands for the machine. Safe to run twice: one that runs stays.
#   INPUT {deployment, uid, cluster, node, machine, role, address, prefixLength, gateway, bridge, cpus, memoryMiB, diskGiB, apiName, kubeconfig, scripts}
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fake.sh
. "$here/fake.sh"

# Detaches as the real one does, with its own function, so that what is wrong there is wrong here.
start() { # <node> <folder>
  (
    if [[ "$fault" != hold ]]; then
      # shellcheck source=/dev/null
      . "${FLOTILLA_FAKE_SCRIPTS:?must name the folder of the real scripts}/host/nspawn/run-machine.sh"
      close_inherited
    fi
    # shellcheck disable=SC2016
    exec setsid env -i bash -c 'exec -a "$0" sleep 1000000' "fake-machine-$1" </dev/null >/dev/null 2>&1
  ) &
  echo "$!" >"$2/pid"
  until is_running "$1"; do sleep 0.01; done
}

main() {
  local told deployment uid node made folder
  told="$(jq -er '(["deployment", "uid", "cluster", "node", "machine", "role", "address", "prefixLength", "gateway", "bridge", "cpus", "memoryMiB",
      "diskGiB", "apiName", "kubeconfig", "scripts"] - keys) as $missing
    | if $missing != [] then error("INPUT lacks \($missing)") elif .machine != "f\(.uid)-\(.node)" then error("machine is \(.machine)") else . end
    | "\(.deployment) \(.uid) \(.node)", (del(.deployment) + {provider: "fake", image: {rootfs: "/fake", digest: "fake"}} | tojson)' <<<"$INPUT")"
  { read -r deployment uid node && read -r made; } <<<"$told"
  folder="$(machine_of "$node")"
  record machine-up "$node" "$uid"
  [[ ! -e "$folder/machine.json" ]] || grep -q "\"uid\":\"$uid\"" "$folder/machine.json" || fail "$folder is another deployment's"

  mkdir -p "$folder" "$deployment/nodes" "$deployment/secrets/ssh/known_hosts.d"
  # Made with the machine, as a real one is.
  [[ -e "$folder/machine.json" ]] || printf '%s ssh-ed25519 %s\n' "$node" "$RANDOM$RANDOM" >"$deployment/secrets/ssh/known_hosts.d/$node"
  printf '%s\n' "$made" >"$deployment/nodes/$node.json"
  # Half-way: the node is known and its machine is not there yet.
  fault machine-up "$node"
  printf '%s\n' "$made" >"$folder/machine.json"
  is_running "$node" || start "$node" "$folder"
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
