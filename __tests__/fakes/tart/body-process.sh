# shellcheck shell=bash
# The body of a fake Tart machine: a process stands for it, and the fake ssh answers for it from machines/<node>/ of the fake host.
#
# What a body is: bin/tart does names, states, outputs and exit codes; what is behind a machine comes from body-<kind>.sh, kind being the word in the file
# $TART_HOME/fake/body ("process" when there is none). A body defines the five functions below and nothing else that bin/tart calls; its own helpers and
# variables begin with body_. "$1" is always the machine's folder $TART_HOME/vms/<name>, which holds config.json {macAddress, cpu, memoryMiB, diskGB, image}
# as last set; all else below it is the body's. <name> is f<uid>-<node>. $fake is $TART_HOME/fake: there a body keeps what is of the whole fake host.
#   body_create <folder>         once, after a clone (the folder is complete and at its place). A clone over an existing name calls body_stop and body_delete before.
#   body_start <folder> <words>  runs the machine in the foreground, with a clean environment (launchd's: PATH and TART_HOME only), standard input from /dev/null,
#                                and the arguments of `tart run`. Returns 0 when the guest powered itself off or body_stop was called, else not 0. Must die, with all
#                                of the machine, when the process that called it is killed (setpriv --pdeathsig, or a watcher). Descriptor 8 is closed.
#   body_stop <folder>           power cut: returns when nothing of the machine runs. Fine on one that is off.
#   body_delete <folder>         frees what is outside of the folder (mounts, links, leases). Called on a machine that is off; the folder goes afterwards.
#   body_address <folder>        prints the address that a machine that runs has leased; prints nothing and returns 1 when it has none (yet).
# Of this body: the node's cluster is what stands before the first "-" of its name; leases are the lines "<name> <address>" of $fake/leases, which a
# test may edit while a machine is off.

body_node() { local name="${1##*/}" && printf '%s\n' "${name#f??????-}"; }
body_machine() { machine_of "$(body_node "$1")"; }

body_lease() { # <folder>
  local name="${1##*/}"
  (
    flock 9
    grep -q "^$name " "$fake/leases" 2>/dev/null ||
      printf '%s 192.168.64.%s\n' "$name" "$(($(sed 's/.*\.//' "$fake/leases" 2>/dev/null | sort -n | tail -n 1 | grep . || echo 1) + 1))" >>"$fake/leases"
  ) 9>"$fake/leases.lock"
  sed -n "s/^$name //p" "$fake/leases"
}

body_create() {
  local machine
  machine="$(body_machine "$1")"
  mkdir -p "$machine"
  # As the image comes: nobody's key, and a password that everybody knows.
  : >"$machine/from-image"
  : >"$machine/password"
}

body_start() {
  local machine node
  node="$(body_node "$1")"
  machine="$(body_machine "$1")"
  printf '{"node":"%s","cluster":"%s","address":"%s"}\n' "$node" "${node%%-*}" "$(body_lease "$1")" >"$machine/machine.json"
  # shellcheck disable=SC2016
  setpriv --pdeathsig KILL bash -c 'exec -a "$0" sleep 1000000' "fake-machine-$node" </dev/null >/dev/null 2>&1 &
  echo "$!" >"$machine/pid"
  wait "$!" || true
}

body_stop() { power_off "$(body_node "$1")"; }

body_delete() {
  sed -i "/^${1##*/} /d" "$fake/leases" 2>/dev/null || true
  rm -rf "$(body_machine "$1")"
}

body_address() {
  is_running "$(body_node "$1")" && sed -n "s/^${1##*/} //p" "$fake/leases"
}
