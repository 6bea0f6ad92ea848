#!/usr/bin/env bash
# Builds the documentation site in target/site/html, and checks its links and their anchors.
#
#   bash docs/site.sh             lists missing programs and fails
#   bash docs/site.sh --install   installs missing programs first
#
# The pages are the files of this project, in their folders, so that one link works in both places.
# docs/site/SUMMARY.md lists them. Needs Rust and Python, and a network for the first run only.

set -euo pipefail

# Version of mdBook that last built the site.
MDBOOK=0.5.4

fail() {
  echo "docs/site.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
site=$target/site
checker=$target/site-checker-$(cat docs/site/requirements.txt <(python3 --version) | sha256sum | cut -c 1-16)

missing() {
  mdbook --version 2>/dev/null | grep -qx "mdbook v$MDBOOK" || echo mdbook
  [ -x "$checker/bin/lychee" ] || echo lychee
}

install_missing() {
  local program
  for program in $(missing); do
    case $program in
    mdbook) cargo install --locked "mdbook@$MDBOOK" --no-default-features --features search ;;
    lychee)
      rm -rf "$checker"
      python3 -m venv "$checker"
      "$checker/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps \
        --require-hashes -r docs/site/requirements.txt
      ;;
    esac
  done
}

[ "${1:-}" != --install ] || install_missing
lacking=$(missing | xargs)
[ -z "$lacking" ] || fail "missing: $lacking. Run 'bash docs/site.sh --install' to install them"

rm -rf "$site"
mkdir -p "$site/src"
cp docs/site/book.toml "$site"
cp docs/site/SUMMARY.md README.md CHANGELOG.md CONTRIBUTING.md LICENSE .env.example "$site/src"
cp -r docs deploy packaging "$site/src"
rm -r "$site/src/docs/site" "$site/src/docs/site.sh" "$site/src/docs/pictures.sh"
mdbook build "$site"
# Every page of the project is in the site, or its links would lead to nothing.
unlisted=$(cd "$site/src" && find . -name '*.md' -not -name SUMMARY.md -printf '%P\n' |
  while read -r page; do grep -qF "($page)" SUMMARY.md || echo "$page"; done)
[ -z "$unlisted" ] || fail "docs/site/SUMMARY.md lacks: $unlisted"
"$checker/bin/lychee" --offline --include-fragments --no-progress --root-dir "$site/html" \
  --exclude-path "$site/html/deploy/web/support.html" "$site/html/**/*.html"
echo "the site is in $site/html"
