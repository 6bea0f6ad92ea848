#!/usr/bin/env bash
# All tests, with one command.
#
#   bash tests/run.sh                         everything
#   bash tests/run.sh --locked                likewise, with Cargo.lock as it is
#   bash tests/run.sh --test desk linking     what nextest makes of these words; documentation examples are left out then
#   bash tests/run.sh --prepare               installs what is missing and runs nothing
#
# On Debian and its kin it installs a C compiler, PostgreSQL's server, Chromium, Python and cargo-nextest where they are missing, and
# once, beside the build's results, an emulator of AWS from PyPI. Rust it does not install. One PostgreSQL cluster and one emulator of AWS serve all tests, on loopback, in temporary folders, and are gone
# when this script is.

set -uo pipefail

# The runner that these tests were last run with. It is the same on every machine.
NEXTEST=0.9.143

fail() {
  echo "tests/run.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.." || fail "the project's folder cannot be entered"
# Where rustup and cargo put programs, and Debian those of root (runuser), should the caller's PATH not say so.
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin:/usr/sbin:/sbin"

need_rust() {
  local need have
  need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  have=$(cargo --version 2>/dev/null) || fail "there is no cargo: install Rust $need or newer, for example with rustup"
  have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 | cut -d - -f 1)
  printf '%s\n%s\n' "$need" "${have:-0}" | sort -V -C || fail "Rust ${have:-(no rustc)} is too old: $need or newer is needed (rustup update)"
}

# Installs the Debian packages that are missing, or says which they are.
need_packages() {
  local packages=() as_root=()
  command -v cc >/dev/null || packages+=(gcc libc6-dev)
  (source tests/postgres.sh && postgres_bin) >/dev/null 2>&1 || packages+=(postgresql)
  { command -v chromium && command -v chromedriver; } >/dev/null || packages+=(chromium chromium-driver)
  python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
  [ ${#packages[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "what Debian calls ${packages[*]} is missing, and there is no apt-get to install it with"
  if [ "$(id -u)" != 0 ]; then
    # Without a terminal nobody could type sudo's password.
    { command -v sudo && { [ -t 0 ] || sudo -n true; }; } >/dev/null 2>&1 ||
      fail "${packages[*]} is missing: install it as root with: apt-get install ${packages[*]}"
    as_root=(sudo)
  fi
  echo "installing ${packages[*]}"
  # A machine that was just made has no lists of packages yet.
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" ||
    fail "${packages[*]} could not be installed"
}

need_python() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$(python3 --version) is too old: 3.10 or newer is needed"
}

need_nextest() {
  cargo nextest --version >/dev/null 2>&1 && return
  echo "installing cargo-nextest $NEXTEST"
  # Without the part that updates itself, and what that needs.
  cargo install --locked "cargo-nextest@$NEXTEST" --no-default-features --features default-no-update ||
    fail "cargo-nextest could not be installed"
}

need_rust
need_packages
need_python
need_nextest
bash tests/emulator.sh --prepare || fail "the emulator could not be installed"
[ "${1:-}" != --prepare ] || exit 0

# The cluster serves until this pipe closes, which it does with this script, however that ends. Its keeper is in a session of its
# own: who kills a whole group must not take the keeper and leave the cluster.
coproc CLUSTER { exec setsid bash tests/postgres.sh; }
cluster=$CLUSTER_PID pipe=${CLUSTER[1]} answer=${CLUSTER[0]}
stop_cluster() {
  exec {pipe}>&-
  wait "$cluster" 2>/dev/null
}
read -r SUPPORT_DESK_TEST_POSTGRES <&"$answer" || fail "PostgreSQL did not start"
export SUPPORT_DESK_TEST_POSTGRES
trap stop_cluster EXIT

source tests/emulator.sh
start_emulator || fail "the emulator did not start"
trap 'stop_emulator; stop_cluster' EXIT

status=0
# Whatever a test leaves running must not hold the emulator's pipe open.
cargo nextest run --workspace "$@" {emulator_pipe}>&- || status=$?

# Nextest does not run the examples in the documentation. They have no use for its own arguments.
flags=()
for argument in "$@"; do
  case $argument in
    --locked | --offline | --frozen) flags+=("$argument") ;;
    *) exit "$status" ;;
  esac
done
cargo test --workspace --doc "${flags[@]}" || status=$?
exit "$status"
