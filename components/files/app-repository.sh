#!/usr/bin/env bash
# Keeps a Git repository as a folder of files says: a commit on `main` whenever they differ. The same files make the same first commit everywhere. Runs in
# the image of Argo CD, beside the server that reads the repository.
#   Environment: SOURCE (the folder), REPOSITORY (a bare repository, made when it is missing)
set -euo pipefail

# Kubernetes mounts a folder whose entries are links into ..data, which is exchanged as a whole.
snapshot() { # <folder>
  mkdir -p "$1"
  (cd "$SOURCE" && tar -chf - --exclude='./..*' .) | tar -C "$1" -xf -
}

# What a container that was killed has left: nobody else writes here, so whoever holds a lock is gone.
unlock() {
  [[ ! -d "$REPOSITORY" ]] || find "$REPOSITORY" -name '*.lock' -type f -exec rm -f {} +
}

publish() {
  local tree
  [[ -d "$REPOSITORY/objects" ]] || git init --quiet --bare --initial-branch=main "$REPOSITORY"
  tree="$(mktemp -d)"
  snapshot "$tree"
  (
    export GIT_DIR="$REPOSITORY" GIT_WORK_TREE="$tree" GIT_INDEX_FILE="$tree.index"
    export GIT_AUTHOR_NAME=flotilla GIT_AUTHOR_EMAIL=flotilla@flotilla.internal GIT_AUTHOR_DATE='2026-01-01T00:00:00Z'
    export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
    git add --all "$tree"
    wanted="$(git write-tree)"
    there="$(git rev-parse --quiet --verify 'main^{tree}' || true)"
    [[ "$wanted" == "$there" ]] || {
      parent="$(git rev-parse --quiet --verify main || true)"
      git update-ref refs/heads/main "$(git commit-tree -m 'What the fleet says' ${parent:+-p "$parent"} "$wanted")"
      printf 'main is now %s\n' "$(git rev-parse main)"
    }
  )
  rm -rf "$tree" "$tree.index"
}

main() {
  # The first process of a container ignores signals that it does not handle.
  trap 'exit 0' TERM INT
  unlock
  while :; do
    publish
    sleep 10 &
    wait $!
  done
}

[[ "${BASH_SOURCE[0]}" != "$0" ]] || main "$@"
