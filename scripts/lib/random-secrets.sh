# shellcheck shell=bash
# Values that a deployment makes up once: secrets/random/<name>, and CAs: secrets/ca/<name>.crt and .key; and those that a person brings:
# secrets/brought/<name>. All 0600. Works on bash 3.2. Wants input.sh, file.sh and lock.sh.

# secret_file <deployment> <word>: where the value of a {word} lies, made or not.
secret_file() {
  case "$2" in
    *.crt | *.key) printf '%s\n' "$1/secrets/ca/$2" ;;
    *.brought) printf '%s\n' "$1/secrets/brought/${2%.brought}" ;;
    *) printf '%s\n' "$1/secrets/random/$2" ;;
  esac
}

# 190 bits, and nothing that a shell, a URL or a configuration file would read as something else.
random_text() {
  local text
  # A quarter of all bytes are of use.
  text="$(head -c 512 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9')"
  text="${text:0:32}"
  [[ "${#text}" -eq 32 ]] || die 'no random values can be read from /dev/urandom'
  printf '%s' "$text"
}

# make_authority <deployment> <name>: the certificate comes last, so that it vouches for its key.
make_authority() {
  local folder="$1/secrets/ca" making
  need openssl
  making="$(mktemp -d "$folder/making.XXXXXX")"
  # RSA, because charts sign with it by a library that knows little else.
  openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj "/CN=$2" -keyout "$making/key" -out "$making/crt" 2>/dev/null ||
    die "openssl could not make the CA \"$2\" in $folder" 'try it: openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=try'
  write_file "$folder/$2.key" 0600 <"$making/key" || exit 1
  write_file "$folder/$2.crt" 0600 <"$making/crt" || exit 1
  rm -rf "$making"
}

# brought <file>: what nobody but a person knows; nobody else reads it from here on.
brought() {
  grep -qs '[^[:space:]]' "$1" ||
    die "nobody has brought \"${1##*/}\" yet, which this cluster needs" \
      "write it, then run the same command again: (umask 077; cat >$1), the value, Enter, Ctrl-D"
  chmod 0600 "$1"
}

# make_secret <deployment> <word>: what is there stays as it is, for good.
make_secret() {
  local file name="${2%.*}"
  file="$(secret_file "$1" "$2")"
  case "$2" in
    *.brought) brought "$file" ;;
    *.crt | *.key) [[ -s "$1/secrets/ca/$name.crt" ]] || make_authority "$1" "$name" ;;
    *) [[ -s "$file" ]] || random_text | write_file "$file" 0600 || exit 1 ;;
  esac
  [[ -s "$file" ]] || die "there is no $file, although $name is there" 'put it back from a backup; to start over, remove both and raise the fleet anew'
}

# make_secrets <deployment> <word …>: under one lock, because clusters are raised side by side and must not make up two values for one name.
make_secrets() {
  local deployment="$1" word
  shift
  umask 077
  mkdir -p "$deployment/secrets/random" "$deployment/secrets/ca" "$deployment/secrets/brought"
  (
    lock_descriptor 9 60 || die "another run holds $deployment/secrets/.lock for a minute" 'wait until it ends, then run the same command again'
    rm -rf "$deployment/secrets/ca"/making.*
    for word; do make_secret "$deployment" "$word"; done
  ) 9>"$deployment/secrets/.lock"
}
