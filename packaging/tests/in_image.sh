#!/bin/bash
# Runs an unpacked image as a container engine does: the user, variables and folder of its
# configuration, a root that cannot be written, and /data as the only volume.
#
#   bash packaging/tests/in_image.sh BUNDLE [ARGUMENT...]
#
# Needs root. Settings are the variables of the caller. Unlike in an engine, the network and the
# processes are those of the machine.

set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

if [ "${1:-}" != --mounts ]; then
  exec unshare --mount bash "${BASH_SOURCE[0]}" --mounts "$@"
fi
bundle=$2
shift 2
root=$bundle/rootfs

# User, group, folder, program and variables of the configuration.
mapfile -t config < <(python3 - "$bundle/config.json" <<'END'
import json, sys
process = json.load(open(sys.argv[1]))["process"]
print(process["user"]["uid"], process["user"]["gid"], process["cwd"], process["args"][0], sep="\n")
print(*process["env"], sep="\n")
END
)
uid=${config[0]} gid=${config[1]} folder=${config[2]} program=${config[3]}
[ "$uid" != 0 ] || { echo "the image runs as root" >&2; exit 1; }

settings=("${config[@]:4}")
while IFS= read -r -d '' variable; do
  case ${variable%%=*} in
  HOME | PATH | PWD | OLDPWD | SHLVL | _) ;;
  *) settings+=("$variable") ;;
  esac
done < <(env --null)

mount --bind "$root" "$root"
mount --bind "$root/data" "$root/data"
# The folders and devices that the OCI specification promises to every program.
mkdir -p "$root/dev" "$root/proc"
mount --types proc proc "$root/proc"
mount --types tmpfs tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root"
exec env --ignore-environment "${settings[@]}" \
  setpriv --no-new-privs \
  unshare --root "$root" --wd "$folder" --setgid "$gid" --setuid "$uid" -- "$program" "$@"
