# Installs Debian packages: source tests/packages.sh; install_packages PACKAGE...
#
# Prints the reason and fails if it cannot.

install_packages() {
  local as_root=()
  [ $# -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "apt-get is missing: install the equivalents of the Debian packages $*" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    # sudo cannot ask for a password without a terminal.
    if ! { command -v sudo && { [ -t 0 ] || sudo -n true; }; } >/dev/null 2>&1; then
      echo "not root: run as root: apt-get install $*" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing $*"
  # A new machine has no package lists yet.
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
}
