# shellcheck shell=bash
# A lock that dies with its holders, also where there is no flock. Works on bash 3.2. Wants input.sh.

# lock_descriptor <descriptor> <seconds>: locks the open file; who holds it open holds the lock. Returns 1 when others had it all the time.
lock_descriptor() {
  if command -v flock >/dev/null; then
    flock -w "$2" "$1"
  else
    need perl
    perl -e 'use Fcntl ":flock"; open(my $file, ">&=", $ARGV[0]) or exit 2; $SIG{ALRM} = sub { exit 1 }; alarm $ARGV[1]; flock($file, LOCK_EX) or exit 1' "$1" "$2"
  fi
}
