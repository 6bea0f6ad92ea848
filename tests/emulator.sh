#!/usr/bin/env bash
# An emulator of AWS that nobody here wrote (ministack), for the tests of the adapters: on loopback, in a Python environment of its own.
#
#   source tests/emulator.sh; start_emulator; trap stop_emulator EXIT     exports SUPPORT_DESK_TEST_AWS for many test processes
#   bash tests/emulator.sh                                                prints the address, serves until its input ends
#   bash tests/emulator.sh --prepare                                      installs it and runs nothing
#
# The second is how a test process that finds no SUPPORT_DESK_TEST_AWS starts one of its own: when it ends, however it ends, its end
# of the pipe closes. The packages are pinned by content in tests/emulator/requirements.txt and kept beside the build's results.
# Debian: python3 (3.10 or newer) and python3-venv.

emulator_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Prints the environment's Python, which it makes first where there is none for these very packages.
emulator_python() {
  local target base sum
  target=${CARGO_TARGET_DIR:-$emulator_home/../target}
  sum=$(cat "$emulator_home/emulator/requirements.txt" <(python3 --version) | sha256sum | cut -c 1-16)
  base=$target/emulator-$sum
  mkdir -p "$target"
  # Two test processes may come at the same time.
  exec {lock}>"$target/emulator.lock"
  flock "$lock"
  if [ ! -e "$base/ready" ]; then
    rm -rf "$base"
    { python3 -m venv "$base" &&
      "$base/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
        -r "$emulator_home/emulator/requirements.txt" &&
      touch "$base/ready"; } >&2 || { exec {lock}>&-; echo "the emulator cannot be installed (Debian: python3-venv)" >&2; return 1; }
  fi
  exec {lock}>&-
  echo "$base/bin/python"
}

start_emulator() {
  local python
  python=$(emulator_python) || return 1
  emulator_dir=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-aws.XXXXXX") || return 1
  mkfifo "$emulator_dir/in" "$emulator_dir/out"
  # In a session of its own: who kills a whole group must not take the keeper and leave the emulator.
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
  # Both, as programs that the caller started may have inherited the pipe.
  exec {emulator_pipe}>&-
  kill "$emulator_pid" 2>/dev/null
  wait "$emulator_pid" 2>/dev/null
  rm -rf "$emulator_dir"
  unset emulator_dir emulator_pid SUPPORT_DESK_TEST_AWS
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  python=$(emulator_python) || exit 1
  [ "${1:-}" != --prepare ] || exit 0
  exec "$python" "$emulator_home/emulator/keeper.py"
fi
