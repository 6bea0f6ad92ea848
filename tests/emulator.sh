#!/usr/bin/env bash
# An independent AWS emulator (ministack) for the tests of the adapters: on loopback, in a Python
# environment of its own.
#
#   source tests/emulator.sh; start_emulator; trap stop_emulator EXIT
#       exports SUPPORT_DESK_TEST_AWS for many test processes
#   bash tests/emulator.sh
#       prints the address and serves until its input ends
#   bash tests/emulator.sh --prepare
#       installs the emulator and does not start it
#   bash tests/emulator.sh --installed
#       succeeds if the emulator is installed
#
# A test process without SUPPORT_DESK_TEST_AWS uses the second form to start its own emulator. The
# pipe closes when that process ends for any reason. tests/emulator/requirements.txt pins the
# packages by content. They stay in the build folder. Debian: python3 (3.10 or newer) and
# python3-venv.

emulator_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Prints the folder of the environment. Its name depends on the packages and on Python's version.
emulator_base() {
  local sum
  sum=$(cat "$emulator_home/emulator/requirements.txt" <(python3 --version) | sha256sum | cut -c 1-16)
  echo "${CARGO_TARGET_DIR:-$emulator_home/../target}/emulator-$sum"
}

# Prints the environment's Python. Installs the environment first if it is missing.
emulator_python() {
  local target base
  base=$(emulator_base)
  target=$(dirname "$base")
  mkdir -p "$target"
  # Two test processes can start at the same time.
  exec {lock}>"$target/emulator.lock"
  flock "$lock"
  if [ ! -e "$base/ready" ]; then
    rm -rf "$base"
    { python3 -m venv "$base" &&
      "$base/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
        -r "$emulator_home/emulator/requirements.txt" &&
      touch "$base/ready"; } >&2 || { exec {lock}>&-; echo "cannot install the emulator (Debian: python3-venv)" >&2; return 1; }
  fi
  exec {lock}>&-
  echo "$base/bin/python"
}

start_emulator() {
  local python
  python=$(emulator_python) || return 1
  emulator_dir=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-aws.XXXXXX") || return 1
  mkfifo "$emulator_dir/in" "$emulator_dir/out"
  # The keeper has a session of its own, because a kill of this process group must not leave an
  # emulator without a keeper.
  setsid "$python" "$emulator_home/emulator/keeper.py" <"$emulator_dir/in" >"$emulator_dir/out" 2>"$emulator_dir/log" &
  emulator_pid=$!
  exec {emulator_pipe}>"$emulator_dir/in"
  if ! read -r SUPPORT_DESK_TEST_AWS <"$emulator_dir/out"; then
    cat "$emulator_dir/log" >&2
    stop_emulator
    return 1
  fi
  export SUPPORT_DESK_TEST_AWS
}

stop_emulator() {
  [ -n "${emulator_dir:-}" ] || return 0
  # Close the pipe and kill the keeper, because programs of the caller can have inherited the pipe.
  exec {emulator_pipe}>&-
  kill "$emulator_pid" 2>/dev/null
  wait "$emulator_pid" 2>/dev/null
  rm -rf "$emulator_dir"
  unset emulator_dir emulator_pid SUPPORT_DESK_TEST_AWS
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  if [ "${1:-}" = --installed ]; then
    [ -e "$(emulator_base)/ready" ]
    exit
  fi
  python=$(emulator_python) || exit 1
  [ "${1:-}" != --prepare ] || exit 0
  exec "$python" "$emulator_home/emulator/keeper.py"
fi
