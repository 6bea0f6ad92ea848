# Python environments of the tests, from PyPI: source tests/python.sh
#
# tests/NAME/requirements.txt pins the packages of an environment by content. They stay in the build
# folder. Debian: python3 (3.10 or newer) and python3-venv.

python_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Prints the folder of the environment NAME. Its name depends on the packages and on Python's
# version.
python_base() {
  local sum
  sum=$(cat "$python_home/$1/requirements.txt" <(python3 --version) | sha256sum | cut -c 1-16)
  echo "${CARGO_TARGET_DIR:-$python_home/../target}/$1-$sum"
}

# Prints the Python of the environment NAME. Installs the environment first if it is missing.
python_of() {
  local target base
  base=$(python_base "$1")
  target=$(dirname "$base")
  mkdir -p "$target"
  # Two test processes can start at the same time.
  exec {lock}>"$target/$1.lock"
  flock "$lock"
  if [ ! -e "$base/ready" ]; then
    rm -rf "$base"
    { python3 -m venv "$base" &&
      "$base/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
        -r "$python_home/$1/requirements.txt" &&
      touch "$base/ready"; } >&2 || { exec {lock}>&-; echo "cannot install the $1 (Debian: python3-venv)" >&2; return 1; }
  fi
  exec {lock}>&-
  echo "$base/bin/python"
}
