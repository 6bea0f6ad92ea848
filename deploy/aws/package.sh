#!/usr/bin/env bash
# Builds the zip that the five functions share, and prints its path.
#
#   bash deploy/aws/package.sh
#       target/lambda/bootstrap.zip, which template.yaml names: a release build for Amazon Linux
#       2023 on x86_64
#   bash deploy/aws/package.sh --debug
#       target/lambda/bootstrap-debug.zip: the debug build of this machine, for the AWS emulator
#
# The release build needs Rust, python3 and python3-venv. It installs cargo-zigbuild and ziglang
# (about 440 MB) from PyPI in the build folder, because a build with the C library of this machine
# can need a newer glibc than that of Lambda.

set -euo pipefail

# glibc of Amazon Linux 2023.
GLIBC=2.34
TARGET=x86_64-unknown-linux-gnu

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${CARGO_TARGET_DIR:-target}
cargo_options=(-p functions --features aws --bin bootstrap)

fail() {
  echo "package.sh: $*" >&2
  exit 1
}

requirements() {
  cat <<'END'
--only-binary :all:
cargo-zigbuild==0.24.1 \
    --hash=sha256:238a1ab54a95053a4eadc34775c81f795a8ad75f80bfed63f3f445f518102375 \
    --hash=sha256:07c5e3dcddf208500462ec927c556bb306cca2b533b0abe29446bffb63767b85
ziglang==0.17.1 \
    --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54 \
    --hash=sha256:b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e
END
}

# Installs the linker once, and prints the folder of its programs. The name of its folder depends on
# the packages and on Python's version.
linker() {
  local base
  base=$build/zigbuild-$(cat <(requirements) <(python3 --version) | sha256sum | cut -c 1-16)
  if [ ! -e "$base/ready" ]; then
    rm -rf "$base"
    mkdir -p "$build"
    python3 -m venv "$base" || fail "cannot make a virtual environment (Debian: python3-venv)"
    requirements >"$base/requirements.txt"
    "$base/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps \
      --require-hashes -r "$base/requirements.txt" || fail "cannot install cargo-zigbuild"
    touch "$base/ready"
  fi
  (cd "$base/bin" && pwd)
}

# Fails if the binary needs a newer glibc, because Lambda would report that at the first call only.
check_glibc() {
  local newest
  newest=$(grep -aoE 'GLIBC_2\.[0-9]+' "$1" | sort -Vu | tail -n 1) || true
  printf '%s\n' "$newest" "GLIBC_$GLIBC" | sort -V -C || fail "$1 needs $newest, newer than $GLIBC"
}

# Packs a binary as bootstrap, with a fixed time and mode, so that the same binary gives the same
# zip.
pack() {
  local binary=$1 zip=$2 level=$3
  mkdir -p target/lambda
  python3 - "$binary" "$zip" "$level" <<'END'
import pathlib, sys, zipfile

binary, target, level = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.create_system = 3  # Unix, otherwise the mode does not count.
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
partial = target.with_suffix(".partial")
with zipfile.ZipFile(partial, "w") as archive:
    archive.writestr(entry, pathlib.Path(binary).read_bytes(), compresslevel=level)
partial.rename(target)
END
  echo "$zip"
}

case "${1:-}" in
--debug)
  [ $# -eq 1 ] || fail "unknown option: $2"
  cargo build "${cargo_options[@]}" --locked >&2
  # Uncompressed, because compressing a debug binary takes longer than reading it.
  pack "$build/debug/bootstrap" target/lambda/bootstrap-debug.zip 0
  ;;
'')
  bin=$(linker)
  # A smaller binary starts faster, and most calls of a function start it.
  PATH=$bin:$PATH CARGO_PROFILE_RELEASE_OPT_LEVEL=s CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo zigbuild "${cargo_options[@]}" --locked --release --target "$TARGET.$GLIBC" >&2
  check_glibc "$build/$TARGET/release/bootstrap"
  pack "$build/$TARGET/release/bootstrap" target/lambda/bootstrap.zip 9
  ;;
*) fail "unknown option: $1" ;;
esac
