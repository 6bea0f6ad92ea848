#!/usr/bin/env bash
# Runs all tests.
#
#   bash tests/run.sh                         all tests; lists missing programs and fails
#   bash tests/run.sh --install               installs missing programs first
#   bash tests/run.sh --install --locked      as above, with Cargo.lock unchanged
#   bash tests/run.sh --test desk linking     passes its arguments to nextest, and skips the
#                                             examples in the documentation
#   bash tests/run.sh --prepare               installs missing programs and runs no test
#
# The tests need Rust, a C compiler, openssl, PostgreSQL's server, Chromium, Prometheus, Python and
# cargo-nextest, and an AWS emulator and a receiver of traces from PyPI. On Debian, --install
# installs them, except Rust. What is from PyPI stays in the build folder. All tests share one
# PostgreSQL cluster and one emulator, on loopback and in temporary folders. Both stop with this
# script.

set -uo pipefail

# Version of the last run of these tests, so that every machine uses the same runner.
NEXTEST=0.9.143

fail() {
  echo "tests/run.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.." || fail "cannot enter the project's folder"
# Add the folders of rustup, of cargo and of root's programs (runuser), because PATH can lack them.
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin:/usr/sbin:/sbin"
source tests/packages.sh

need_rust() {
  local need have
  need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  have=$(cargo --version 2>/dev/null) || fail "cargo is missing: install Rust $need or newer, for example with rustup"
  have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 | cut -d - -f 1)
  printf '%s\n%s\n' "$need" "${have:-0}" | sort -V -C ||
    fail "Rust ${have:-(no rustc)} is too old: version $need or newer is required (rustup update)"
}

# Prints the Debian packages that are missing, one a line.
missing_packages() {
  command -v cc >/dev/null || printf '%s\n' gcc libc6-dev
  command -v openssl >/dev/null || echo openssl
  (source tests/postgres.sh && postgres_bin) >/dev/null 2>&1 || echo postgresql
  { command -v chromium && command -v chromedriver; } >/dev/null || printf '%s\n' chromium chromium-driver
  { command -v prometheus && command -v promtool; } >/dev/null || echo prometheus
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf '%s\n' python3 python3-venv
}

has_nextest() {
  cargo nextest --version >/dev/null 2>&1
}

# Prints everything that --install would install, one a line.
missing() {
  local package
  for package in $(missing_packages); do
    echo "the Debian package $package"
  done
  has_nextest || echo "cargo-nextest $NEXTEST"
  bash tests/emulator.sh --installed || echo "the AWS emulator (a Python environment from PyPI)"
  bash tests/collector.sh --installed || echo "the receiver of traces (a Python environment from PyPI)"
}

install_nextest() {
  ! has_nextest || return 0
  echo "installing cargo-nextest $NEXTEST"
  # Without its self-update, which needs more dependencies.
  cargo install --locked "cargo-nextest@$NEXTEST" --no-default-features --features default-no-update ||
    fail "cannot install cargo-nextest"
}

install_missing() {
  local packages=()
  mapfile -t packages < <(missing_packages)
  install_packages "${packages[@]}" || fail "cannot install ${packages[*]}"
  install_nextest
  bash tests/emulator.sh --prepare || fail "cannot install the emulator"
  bash tests/collector.sh --prepare || fail "cannot install the receiver of traces"
}

need_python() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "$(python3 --version) is too old: version 3.10 or newer is required"
}

install=no
case ${1:-} in
  --install) install=yes; shift ;;
  --prepare) install=only; shift ;;
esac
need_rust
[ "$install" = no ] || install_missing
lacking=$(missing)
if [ -n "$lacking" ]; then
  printf 'tests/run.sh: missing:\n' >&2
  printf '%s\n' "$lacking" | sed 's/^/  /' >&2
  fail "run 'bash tests/run.sh --install' to install them"
fi
need_python
[ "$install" != only ] || exit 0

# The cluster runs until this pipe closes, which happens when this script ends for any reason. Its
# keeper has a session of its own, because a kill of this process group must not leave a cluster
# without a keeper.
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
# Close the emulator's pipe here, because a process that a test leaves behind must not hold it open.
cargo nextest run --workspace "$@" {emulator_pipe}>&- || status=$?

# Nextest does not run the examples in the documentation, and they do not accept its arguments.
flags=()
for argument in "$@"; do
  case $argument in
    --locked | --offline | --frozen) flags+=("$argument") ;;
    *) exit "$status" ;;
  esac
done
cargo test --workspace --doc "${flags[@]}" || status=$?
exit "$status"
