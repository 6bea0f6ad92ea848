#!/usr/bin/env bash
# A private PostgreSQL cluster for the tests: temporary folder, free port on loopback, random
# password, no socket.
#
#   source tests/postgres.sh; start_postgres; trap stop_postgres EXIT
#       exports SUPPORT_DESK_TEST_POSTGRES for many test processes
#   bash tests/postgres.sh
#       prints the address and serves until its input ends; an input line "stop" or "start" stops
#       or starts the server
#
# A test process without SUPPORT_DESK_TEST_POSTGRES uses the second form to start its own cluster.
# The pipe closes when that process ends for any reason. PostgreSQL refuses to run as root, so root
# runs it as the user postgres.

postgres_bin() {
  local bin
  for bin in "${POSTGRES_BIN:-}" "$(pg_config --bindir 2>/dev/null)" /usr/lib/postgresql/*/bin; do
    if [ -n "$bin" ] && [ -x "$bin/initdb" ]; then echo "$bin"; return; fi
  done
  echo "initdb is missing: install PostgreSQL's server (Debian: postgresql-15), or set POSTGRES_BIN to its folder" >&2
  return 1
}

as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_server() {
  (cd / && as_postgres "$postgres_bin_dir/pg_ctl" -D "$postgres_dir/data" -w -t 60 -l "$postgres_dir/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$postgres_port -c unix_socket_directories=''" start >/dev/null 2>&1)
}

stop_server() {
  (cd / && as_postgres "$postgres_bin_dir/pg_ctl" -D "$postgres_dir/data" -m immediate -w stop >/dev/null 2>&1)
}

start_postgres() {
  local bin password port
  bin=$(postgres_bin) || return 1
  postgres_dir=$(cd / && as_postgres mktemp -d "${TMPDIR:-/tmp}/support-desk-postgres.XXXXXX") || return 1
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$password" | as_postgres sh -c 'umask 077; cat > "$1"' sh "$postgres_dir/password"
  (cd / && as_postgres "$bin/initdb" -D "$postgres_dir/data" -U desk -A scram-sha-256 --pwfile="$postgres_dir/password" \
    -E UTF8 --locale=C >"/dev/null") || return 1
  # Try several ports, because another process can take one before the server listens.
  for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    postgres_bin_dir=$bin postgres_port=$port
    if start_server; then
      export SUPPORT_DESK_TEST_POSTGRES="postgres://desk:$password@127.0.0.1:$port/postgres"
      return 0
    fi
  done
  echo "PostgreSQL did not start:" >&2
  as_postgres cat "$postgres_dir/log" >&2
  stop_postgres
  return 1
}

stop_postgres() {
  [ -n "${postgres_dir:-}" ] || return 0
  # An immediate stop is enough, because the data is deleted.
  [ -n "${postgres_bin_dir:-}" ] && stop_server
  (cd / && as_postgres rm -rf "$postgres_dir")
  unset postgres_dir postgres_bin_dir postgres_port SUPPORT_DESK_TEST_POSTGRES
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -u
  trap stop_postgres EXIT
  trap 'exit 0' TERM INT HUP
  start_postgres || exit 1
  echo "$SUPPORT_DESK_TEST_POSTGRES"
  # Answer each command with a line after it is done.
  while read -r order; do
    case $order in
      stop) stop_server && echo stopped || echo "cannot stop" ;;
      start) start_server && echo started || echo "cannot start" ;;
    esac
  done
fi
