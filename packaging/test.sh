#!/usr/bin/env bash
# Builds the packages from debug programs, and walks a whole session with the program of each.
#
#   bash packaging/test.sh             lists missing programs and fails
#   bash packaging/test.sh --install   installs missing programs first, on Debian
#
# The image is unpacked, and its program runs in a namespace. The Debian package is installed in a
# fresh Debian, where a real systemd runs its unit. Debug programs, because a release build takes 18
# minutes of CPU time: packaging/release.sh. Needs root, Rust and the programs of the tests.

set -euo pipefail

# Version of the last build of the package.
CARGO_DEB=3.8.0
TARGET=x86_64-unknown-linux-gnu
# systemd's measure of what an attacker in the service could do, times ten.
LARGEST_EXPOSURE=20

fail() {
  echo "packaging/test.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin:/usr/sbin:/sbin"
source tests/packages.sh
source packaging/tests/debian.sh
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
linters=$target/packaging-linters-$(cat packaging/requirements.txt <(python3 --version) | sha256sum | cut -c 1-16)

# Prints the Debian packages that are missing, one a line.
missing_packages() {
  local program
  for program in buildah umoci mmdebstrap lintian; do
    command -v "$program" >/dev/null || echo "$program"
  done
  command -v systemd-nspawn >/dev/null || echo systemd-container
  command -v dpkg-shlibdeps >/dev/null || echo dpkg-dev
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

has_cargo_deb() {
  cargo install --list | grep -F "cargo-deb v$CARGO_DEB:" >/dev/null
}

# Debian's kubectl is too old, so --install does not install one.
has_kustomize() {
  kubectl version --client 2>/dev/null | grep -q "^Kustomize Version: v5"
}

missing() {
  missing_packages
  has_cargo_deb || echo "cargo-deb $CARGO_DEB"
  [ -x "$linters/bin/hadolint" ] || echo "the linters of packaging/requirements.txt"
}

install_missing() {
  local packages=()
  mapfile -t packages < <(missing_packages)
  install_packages "${packages[@]}"
  has_cargo_deb || cargo install --locked "cargo-deb@$CARGO_DEB"
  [ -x "$linters/bin/hadolint" ] || {
    rm -rf "$linters"
    python3 -m venv "$linters"
    "$linters/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps \
      --require-hashes -r packaging/requirements.txt
  }
}

[ "${1:-}" != --install ] || install_missing
lacking=$(missing)
[ -z "$lacking" ] || fail "missing, and --install installs it:"$'\n'"$lacking"
[ "$(id -u)" = 0 ] || fail "run as root, because the programs run in namespaces of their own"

work=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-packages.XXXXXX")
trap 'stop_debian; rm -rf "$work"' EXIT

# Walks a session with the program that a script starts.
walk() {
  local script=$1
  chmod +x "$script"
  SUPPORT_DESK_PACKAGED_PROGRAM=$script bash tests/run.sh --locked -p support-desk --test desk \
    -E 'test(=packaged::packaged_program_serves_a_whole_session)'
}

echo "-- container files"
"$linters/bin/hadolint" packaging/Containerfile packaging/Dockerfile
settings() {
  sed -n '/^# Other containers/,$p' "$1"
}
diff <(settings packaging/Containerfile) <(settings packaging/Dockerfile) || fail "the two images differ"

echo "-- Kubernetes"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
for overlay in deploy/kubernetes/overlays/*; do
  grep -q "newTag: $version\$" "$overlay/kustomization.yaml" || fail "$overlay names another version"
  if ! has_kustomize; then
    echo "no kubectl with kustomize 5: $overlay is not built and not validated"
    continue
  fi
  kubectl kustomize "$overlay" >"$work/$(basename "$overlay").yaml"
  "$linters/bin/kubernetes-validate" --strict --quiet "$work/$(basename "$overlay").yaml"
  # Kubernetes accepts every variable, and the program must know each.
  for setting in $(grep -ohE '^[A-Z_]+|[A-Z_]+_FILE$' "$overlay/settings.env" "$work/$(basename "$overlay").yaml"); do
    grep -qE "\"$setting\"|^#?$setting=" src/config/names.rs .env.example || fail "$overlay: no setting $setting"
  done
done

echo "-- packages"
# Without debug information, to keep the second build short.
RUSTFLAGS="-C target-feature=+crt-static" CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
  cargo build --locked -p support-desk --no-default-features --target "$TARGET"
cargo nextest run --workspace --locked --no-run
bash packaging/release.sh --debug "$work/packages"
(cd "$work/packages" && sha256sum --check --quiet SHA256SUMS && ls -l --human-readable)

echo "-- image"
mkdir "$work/layout"
tar --extract --file "$work"/packages/*.oci.tar --directory "$work/layout"
umoci unpack --image "$work/layout:$version" "$work/bundle"
cat >"$work/program-of-image" <<END
#!/bin/bash
exec bash "$PWD/packaging/tests/in_image.sh" "$work/bundle" "\$@"
END
walk "$work/program-of-image"

echo "-- Debian package"
lintian --allow-root --fail-on error,warning "$work"/packages/*.deb
make_debian "$work/debian"
cp "$work"/packages/*.deb "$work/debian/root/support-desk.deb"
chroot "$work/debian" dpkg --install /root/support-desk.deb >/dev/null
[ "$(stat --format '%a %U' "$work/debian/etc/support-desk/support-desk.env")" = "600 root" ] ||
  fail "others can read the file of settings"

echo "-- unit"
chroot "$work/debian" systemd-analyze verify --man=no /usr/lib/systemd/system/support-desk.service
chroot "$work/debian" systemd-analyze security --offline=yes --threshold="$LARGEST_EXPOSURE" \
  /usr/lib/systemd/system/support-desk.service | tail -n 1
boot_debian "$work/debian"
cat >"$work/program-of-debian" <<END
#!/bin/bash
exec bash "$PWD/packaging/tests/in_debian.sh" "$work/debian" "$debian_pid" "\$@"
END
walk "$work/program-of-debian"
stop_debian
chroot "$work/debian" dpkg --purge support-desk >/dev/null 2>&1
[ -e "$work/debian/var/lib/private/support-desk/support-desk.db" ] || fail "the package removed the store"
echo "all packages work"
