#!/usr/bin/env bash
# Runs an older version and this one as two replicas on one PostgreSQL, with traffic and kills, and
# checks that nothing is lost.
#
#   bash tests/upgrade.sh REVISION    a tag or a commit that has the table store_meta
#
# The older version is built from a worktree in a temporary folder. UPGRADE_TARGET names a folder
# that keeps its build for the next run. The test is tests/desk/replicas/upgrade.

set -uo pipefail

fail() {
  echo "tests/upgrade.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.." || fail "cannot enter the project's folder"
[ $# = 1 ] || fail "name one revision: bash tests/upgrade.sh REVISION"
commit=$(git rev-parse --quiet --verify "$1^{commit}") || fail "there is no revision $1"
git grep --quiet store_meta "$commit" -- migrations || fail "$1 has no table store_meta"

folder=$(mktemp -d) || fail "cannot make a temporary folder"
clean_up() {
  git worktree remove --force "$folder/source" 2>/dev/null
  rm -rf "$folder"
  git worktree prune
}
trap clean_up EXIT
git worktree add --quiet --detach "$folder/source" "$commit" || fail "cannot check $1 out"

target=${UPGRADE_TARGET:-$folder/target}
mkdir -p "$target" && target=$(cd "$target" && pwd) || fail "cannot make $target"
echo "building $1 ($(git log -1 --format='%h %s' "$commit"))"
# Without the demo, as it is deployed.
(cd "$folder/source" && CARGO_TARGET_DIR=$target cargo build --locked -p support-desk --no-default-features) ||
  fail "cannot build $1"

SUPPORT_DESK_OLDER_PROGRAM=$target/debug/support-desk \
  bash tests/run.sh -p support-desk --test desk --success-output final \
  -E 'test(=replicas::upgrade::nothing_is_lost_between_two_versions)'
