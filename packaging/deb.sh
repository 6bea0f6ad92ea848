#!/usr/bin/env bash
# Builds the Debian package from a program.
#
#   bash packaging/deb.sh PROGRAM FILE [OPTION...]     passes options to cargo-deb, such as --fast
#
# PROGRAM is linked dynamically, so that Debian updates its C library. The package lists the
# libraries that it needs. Needs cargo-deb, and dpkg-dev for that list.

set -euo pipefail

fail() {
  echo "packaging/deb.sh: $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail "name a program and a file"
program=$(realpath "$1")
file=$(realpath -m "$2")
shift 2
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
grep -q "^support-desk ($version-" packaging/changelog || fail "packaging/changelog lacks $version"

# cargo-deb takes a built program from the folder `release` of a build folder.
work=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
files=$work/release/package-files
mkdir -p "$files"
cp "$program" "$work/release/support-desk"
"$program" package-files "$files"
cp packaging/support-desk-admin.8 "$files"
gzip --best --no-name "$files"/*.[18]
mkdir -p "$(dirname "$file")"
CARGO_TARGET_DIR=$work SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} \
  cargo deb --package support-desk --no-build --locked --strip --output "$file" "$@"
