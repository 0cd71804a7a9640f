#!/bin/bash
# run_under_systemd.sh [-b HOST[:DEST]]... [-n] [-o OUTDIR] -- COMMAND [ARG...]
# Boots this machine's own Debian tree under a real systemd (PID 1) in a throw-away container (an overlay of / on
# tmpfs, systemd-nspawn --boot), runs COMMAND in it as ci.service, streams its output, returns its exit status.
# Nothing written inside reaches the host except under -b binds and in OUTDIR (/ci inside).
#   -b  bind a host directory read-write    -n  share the host's network (default: loopback only)
#   -o  keep output and console here        environment: CI_TIMEOUT=600 (seconds), CI_SIZE=4g (of the tmpfs)
# Needs root, systemd-nspawn, dbus-daemon, overlayfs and a writable cgroup tree. The host's PID 1 may be anything.
set -euo pipefail
binds=() network=(--private-network) out=""
while getopts b:no: option; do
  case $option in b) binds+=("--bind=$OPTARG") ;; n) network=() ;; o) out=$OPTARG ;; *) exit 2 ;; esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "no command" >&2; exit 2; }

if [ -z "${_CI_NAMESPACE:-}" ]; then # our mounts are our own
  arguments=()
  for bind in "${binds[@]}"; do arguments+=(-b "${bind#--bind=}"); done
  [ ${#network[@]} = 0 ] && arguments+=(-n)
  [ -n "$out" ] && arguments+=(-o "$(mkdir -p "$out" && realpath "$out")")
  _CI_NAMESPACE=1 exec unshare --mount --propagation private "$0" "${arguments[@]}" -- "$@"
fi

work=$(mktemp -d /tmp/ci-systemd.XXXXXX) name=ci-$$
mount -t tmpfs -o "size=${CI_SIZE:-4g},mode=755" ci "$work"
io=${out:-$work/io}
mkdir -p "$work"/{upper,overlay,root} "$io"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" "$work/root"
mkdir -p /run/systemd/nspawn
mount -t tmpfs ci /run/systemd/nspawn # nspawn insists that /run is a tmpfs
root=$work/root units=$work/root/etc/systemd/system
: >"$io/out"

# Make the copied tree behave in a container.
mkdir -p "$root/ci" "$root/etc/tmpfiles.d" "$units"
: >"$root/etc/tmpfiles.d/tmp.conf" # Debian's would empty /tmp, and what is bound below it
rm -f "$root/etc/machine-id" "$root/run/nologin"
systemd-id128 new >"$root/etc/machine-id"
rm -rf "$units"/{multi-user,graphical,timers,getty,sockets}.target.wants # the host's own services stay down
for unit in apt-daily.timer apt-daily-upgrade.timer systemd-timesyncd.service systemd-resolved.service \
  systemd-networkd.service e2scrub_reap.service console-getty.service getty@tty1.service tmp.mount; do
  ln -sf /dev/null "$units/$unit"
done
{
  echo '#!/bin/bash'
  printf 'cd %q\n' "$PWD"
  export -p | grep -vE ' (_CI_NAMESPACE|PWD|OLDPWD|SHLVL|TERM)='
  printf 'exec '
  printf '%q ' "$@"
  echo
} >"$io/run"
chmod 755 "$io/run"
cat >"$units/ci.service" <<EOF
[Unit]
Description=CI command
Wants=dbus.socket
After=basic.target dbus.socket
SuccessAction=exit
FailureAction=exit
[Service]
Type=exec
ExecStart=/ci/run
StandardOutput=append:/ci/out
StandardError=inherit
StandardInput=null
RuntimeMaxSec=${CI_TIMEOUT:-600}
OOMPolicy=continue
EOF

# A cgroup of its own, so that nspawn's groups do not land in the root.
groups=()
for tree in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
  [ -e "$tree/cgroup.procs" ] || continue
  if mkdir "$tree/$name" 2>/dev/null; then groups+=("$tree/$name"); fi
done
clean_up() {
  local group
  for group in "${groups[@]}"; do [ ! -e "$group/cgroup.kill" ] || echo 1 >"$group/cgroup.kill"; done
  for group in "${groups[@]}"; do
    for _ in 1 2 3 4 5; do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
      [ -d "$group" ] || break
      sleep .2
    done
  done
  umount -l "$work" 2>/dev/null
  rmdir "$work" 2>/dev/null || true
}
trap clean_up EXIT
(
  for group in "${groups[@]}"; do echo $BASHPID >"$group/cgroup.procs"; done
  SYSTEMD_NSPAWN_TMPFS_TMP=0 exec timeout -k 10 $((${CI_TIMEOUT:-600} + 60)) \
    systemd-nspawn -q -D "$root" --boot --register=no --keep-unit -M "$name" --console=pipe --link-journal=no \
    --bind="$io:/ci" "${binds[@]}" "${network[@]}" \
    systemd.unit=multi-user.target systemd.wants=ci.service systemd.show_status=0 systemd.journald.forward_to_console=0
) </dev/null >"$io/console" 2>&1 &
container=$!
tail -n +1 -f -s 0.1 --pid=$container "$io/out" 2>/dev/null || true
status=0
wait $container || status=$?
[ $status = 0 ] || [ -s "$io/out" ] || cat "$io/console" >&2
exit $status
