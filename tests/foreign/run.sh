#!/usr/bin/env bash
# Lets a bot on discord.js and one on discord.py talk to a person in the sandbox's Discord.
#
#   bash tests/foreign/run.sh             lists missing programs and fails
#   bash tests/foreign/run.sh --install   installs missing programs first, on Debian
#
# Others wrote these libraries, so they show where the sandbox differs from the Discord that they
# were written for. The bot of this project is not started. Versions are pinned by content and stay
# in the build folder, so only the first run needs a network. Needs Rust, Node 18 and Python 3.10,
# or newer.

set -uo pipefail

# Seconds for a whole conversation, which takes about three.
LONGEST=120

fail() {
  echo "tests/foreign/run.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || fail "cannot enter the project's folder"
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin"
source tests/packages.sh
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

# Prints the Debian packages that are missing, one a line.
missing_packages() {
  { command -v node && command -v npm; } >/dev/null || printf '%s\n' nodejs npm
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf '%s\n' python3 python3-venv
}

# Prints the folder of a library. Its name depends on the given files and on the runtime's version.
folder() {
  local name=$1
  shift
  echo "$target/foreign-$name-$(cat "$@" | sha256sum | cut -c 1-16)"
}

# Installs discord.js into the folder $1, unless it is there.
install_js() {
  [ ! -e "$1/ready" ] || return 0
  rm -rf "$1" && mkdir -p "$1" && cp tests/foreign/discord.js/package*.json "$1" &&
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error && touch "$1/ready"
}

# Installs discord.py into the folder $1, unless it is there.
install_py() {
  [ ! -e "$1/ready" ] || return 0
  rm -rf "$1" && python3 -m venv "$1" &&
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
      -r tests/foreign/discord.py/requirements.txt && touch "$1/ready"
}

mapfile -t packages < <(missing_packages)
if [ ${#packages[@]} -gt 0 ]; then
  [ "${1:-}" = --install ] || fail "missing: ${packages[*]}. Run 'bash tests/foreign/run.sh --install' to install them"
  install_packages "${packages[@]}" || fail "cannot install ${packages[*]}"
fi
node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || fail "Node $(node --version) is too old: version 18 or newer is required"

js=$(folder js tests/foreign/discord.js/package*.json <(node --version))
py=$(folder py tests/foreign/discord.py/requirements.txt <(python3 --version))
install_js "$js" || fail "cannot install discord.js"
install_py "$py" || fail "cannot install discord.py"
# With all packages, because the tests build the sandbox with the same features.
cargo build --quiet --workspace --locked --example discord || fail "cannot build the sandbox's Discord"
program=$target/debug/examples/discord

status=0
# Beside its modules, because Node looks for them there.
cp tests/foreign/discord.js/*.js "$js" || fail "cannot copy the bot on discord.js"
timeout "$LONGEST" node "$js/walk.js" "$program" || status=1
timeout "$LONGEST" "$py/bin/python" -B tests/foreign/discord.py/walk.py "$program" || status=1
exit "$status"
