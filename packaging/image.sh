#!/usr/bin/env bash
# Builds the OCI image from a program, as an OCI archive.
#
#   bash packaging/image.sh PROGRAM ARCHIVE     for example target/support-desk.oci.tar
#
# PROGRAM is static, because the image has no libraries. The same program and the same certificates
# give the same image. Needs buildah and ca-certificates, and no container engine.

set -euo pipefail

fail() {
  echo "packaging/image.sh: $*" >&2
  exit 1
}

[ $# = 2 ] || fail "name a program and an archive"
program=$(realpath "$1")
archive=$(realpath -m "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A dynamic program names its loader.
headers=$(readelf --program-headers "$program")
! grep -q INTERP <<<"$headers" || fail "$program is not static"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

work=$(mktemp -d "${TMPDIR:-/tmp}/support-desk-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/context/data"
install -D -m 755 "$program" "$work/context/root/usr/bin/support-desk"
# The AWS SDK reads the system's certificates. Other clients bring their own.
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$work/context/root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$work/context/root/usr/share/doc/support-desk"
install -m 644 LICENSE "$work/context/root/usr/share/doc/support-desk/copyright"

build() {
  buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"
}
build bud --quiet --isolation chroot --timestamp 0 \
  --label org.opencontainers.image.title=support-desk \
  --label "org.opencontainers.image.version=$version" \
  --label org.opencontainers.image.licenses=MIT \
  --tag "support-desk:$version" --file packaging/Containerfile "$work/context" >/dev/null
build push --quiet "support-desk:$version" "oci:$work/layout:$version"
mkdir -p "$(dirname "$archive")"
tar --create --file "$archive" --directory "$work/layout" --sort name --mtime @0 --owner 0 --group 0 \
  --numeric-owner blobs index.json oci-layout
