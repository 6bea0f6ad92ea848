# shellcheck shell=bash
# A Debian that runs beside the machine's: source packaging/tests/debian.sh
#
#   make_debian ROOT       makes a fresh one, from the mirror of the machine's release
#   boot_debian ROOT       starts it; sets debian_pid, its systemd
#   stop_debian
#
# Its network is that of the machine. Needs root, mmdebstrap and systemd-container. Functions return
# 1 if they cannot.

# The packages of the smallest Debian that starts, and the two on which the package depends, so that
# its installation needs no network.
DEBIAN_PACKAGES=systemd-sysv,dbus,ca-certificates

make_debian() {
  local root=$1 cached release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  cached=$(realpath -m "${CARGO_TARGET_DIR:-target}")/debian-$release-${DEBIAN_PACKAGES//,/-}.tar
  if [ ! -e "$cached" ]; then
    mmdebstrap --quiet --variant=minbase --include="$DEBIAN_PACKAGES" "$release" "$cached.partial.tar" &&
      mv "$cached.partial.tar" "$cached" || return 1
  fi
  mkdir -p "$root" && tar --extract --file "$cached" --directory "$root" --numeric-owner \
    --exclude './dev/*'
}

boot_debian() {
  local root=$1 seconds
  systemd-nspawn --quiet --directory "$root" --boot --register=no --keep-unit --console=pipe \
    </dev/null >"$root.log" 2>&1 &
  debian_nspawn=$!
  for ((seconds = 0; seconds < 60; seconds++)); do
    debian_pid=$(pgrep --parent "$debian_nspawn" --exact systemd) &&
      nsenter --target "$debian_pid" --mount --pid --cgroup -- systemctl is-system-running --wait --quiet && return 0
    kill -0 "$debian_nspawn" 2>/dev/null || break
    sleep 1
  done
  cat "$root.log" >&2
  return 1
}

# SIGTERM lets systemd-nspawn shut the Debian down. One that does not end is killed.
stop_debian() {
  [ -n "${debian_nspawn:-}" ] || return 0
  kill -TERM "$debian_nspawn" 2>/dev/null
  timeout 30 tail --pid "$debian_nspawn" --follow /dev/null || kill -KILL "$debian_pid" "$debian_nspawn"
  wait "$debian_nspawn" 2>/dev/null
  debian_nspawn=
}
