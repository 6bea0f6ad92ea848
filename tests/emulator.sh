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
# pipe closes when that process ends for any reason.

emulator_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

source "$emulator_home/python.sh"

# Prints the environment's Python. Installs the environment first if it is missing.
emulator_python() {
  python_of emulator
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
    [ -e "$(python_base emulator)/ready" ]
    exit
  fi
  python=$(emulator_python) || exit 1
  [ "${1:-}" != --prepare ] || exit 0
  exec "$python" "$emulator_home/emulator/keeper.py"
fi
