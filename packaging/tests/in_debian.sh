#!/bin/bash
# Runs a command of the installed package in a booted Debian: `run` as the service, and the others
# with support-desk-admin. It first writes the caller's variables into the package's file of
# settings.
#
#   bash packaging/tests/in_debian.sh ROOT PID [ARGUMENT...]     PID: systemd, outside of the Debian
#
# Needs root.

set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 pid=$2
shift 2

enter() {
  nsenter --target "$pid" --mount --uts --ipc --pid --cgroup -- "$@"
}

# Replaces the line of each setting, also one that is a comment.
python3 - "$root/etc/support-desk/support-desk.env" <<'END'
import os, re, sys
lines = open(sys.argv[1]).read().splitlines()
for name, value in os.environ.items():
    if name in ("HOME", "PATH", "PWD", "OLDPWD", "SHLVL", "LC_CTYPE", "_"):
        continue
    places = [n for n, line in enumerate(lines) if re.match(rf"#?{name}=", line)]
    lines[places[0]] = f"{name}={value}"
open(sys.argv[1], "w").write("\n".join(lines) + "\n")
END

if [ "$1" != run ]; then
  enter support-desk-admin "$@"
  exit
fi

# Fails if systemd did not install the unit's filter of system calls.
stop() {
  local main
  main=$(enter systemctl show --property MainPID --value support-desk)
  enter grep --quiet --line-regexp $'Seccomp:\t2' "/proc/$main/status" || exit 1
  enter systemctl stop support-desk
}

trap stop TERM
enter systemctl start support-desk
while enter systemctl is-active --quiet support-desk; do
  sleep 0.2
done
enter journalctl --unit support-desk --output cat --no-pager >&2
exit "$(enter systemctl show --property ExecMainStatus --value support-desk)"
