#!/usr/bin/env bash
# Builds everything that a release ships, in a folder (target/packages by default).
#
#   bash packaging/release.sh [FOLDER]           from a clean checkout; 40 minutes of CPU time
#   bash packaging/release.sh --debug [FOLDER]   from the debug programs of packaging/test.sh
#
#   support-desk_VERSION_amd64.deb              dynamic, so that Debian updates its C library
#   support-desk-VERSION.oci.tar                image of the static program
#   support-desk-VERSION-x86_64-linux.tar.gz    static program, unit, man pages, files of deploy/
#   support-desk-VERSION.cdx.json               SBOM (CycloneDX)
#   SHA256SUMS
#
# Two builds of one commit, with the same tools and certificates, give the same sums: build in two
# clones and compare. The tools are those of packaging/test.sh --install, cargo-cyclonedx and, for a
# release, cargo-auditable, which writes the list of dependencies into the programs.

set -euo pipefail

# Versions of the last release.
CYCLONEDX=0.5.9
AUDITABLE=0.7.7
TARGET=x86_64-unknown-linux-gnu

fail() {
  echo "packaging/release.sh: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
profile=release
[ "${1:-}" != --debug ] || { profile=debug; shift; }
folder=$(realpath -m "${1:-$target/packages}")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# Builds a program without the demo, without paths of this machine. Prints its path.
build() {
  local kind=$1 flags=$2 cargo_home=${CARGO_HOME:-$HOME/.cargo}
  RUSTFLAGS="$flags --remap-path-prefix=$PWD=/source --remap-path-prefix=$cargo_home=/cargo" \
    CFLAGS="-ffile-prefix-map=$cargo_home=/cargo" CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo auditable build --release --locked -p support-desk --no-default-features \
    --target "$TARGET" --target-dir "$target/release-$kind" >&2
  echo "$target/release-$kind/$TARGET/release/support-desk"
}

# Installs a cargo command unless it has this version.
need_cargo() {
  local name=$1 version=$2
  cargo install --list | grep -F "cargo-$name v$version:" >/dev/null || cargo install --locked "cargo-$name@$version"
}

for program in buildah dpkg-shlibdeps readelf cargo-deb; do
  command -v "$program" >/dev/null || fail "$program is missing: bash packaging/test.sh --install"
done
need_cargo cyclonedx "$CYCLONEDX"
if [ "$profile" = release ]; then
  [ -z "$(git status --porcelain)" ] || fail "the checkout has changes"
  need_cargo auditable "$AUDITABLE"
  static=$(build static "-C target-feature=+crt-static")
  dynamic=$(build dynamic "")
  deb_options=()
else
  static=$target/$TARGET/debug/support-desk
  dynamic=$target/debug/support-desk
  deb_options=(--fast)
fi

rm -rf "$folder"
mkdir -p "$folder"
bash packaging/image.sh "$static" "$folder/support-desk-$version.oci.tar"
bash packaging/deb.sh "$dynamic" "$folder/support-desk_${version}_amd64.deb" "${deb_options[@]}"

# The tarball has the file names of the project, so that the documentation fits.
name=support-desk-$version
work=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-release.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/files"
"$static" package-files "$work/$name/files"
cp "$static" .env.example README.md CHANGELOG.md LICENSE packaging/support-desk.service "$work/$name"
git archive HEAD deploy docs | tar --extract --directory "$work/$name"
tar --create --directory "$work" --sort name --mtime "@$SOURCE_DATE_EPOCH" --owner 0 --group 0 --numeric-owner \
  --mode u=rwX,go=rX "$name" | gzip --no-name >"$folder/$name-x86_64-linux.tar.gz"

# It writes a file for each crate of the workspace, beside its Cargo.toml. They have paths of this
# machine.
cargo cyclonedx --quiet --format json --no-default-features --target "$TARGET" \
  --override-filename release-sbom
sed "s#path+file://$PWD#path+file:///source#g" release-sbom.json >"$folder/$name.cdx.json"
find . -name release-sbom.json -not -path './target/*' -delete
(cd "$folder" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
echo "the packages are in $folder"
