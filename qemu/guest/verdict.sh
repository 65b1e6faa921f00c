#!/bin/sh
# Runs in the guest, started by slipway-verdict.service; neither is part of the image: both come as systemd credentials.
# Says how the boot went, line by line on a virtio-serial port: JSON, and `systemctl show` as it is. Needs only a POSIX shell, systemd and
# coreutils.
port=$1
stuck_after=120
[ -r /run/credentials/@system/slipway.stuck-after ] && read -r stuck_after </run/credentials/@system/slipway.stuck-after
udevadm wait --timeout=120 "$port" || exit 0
exec 3>"$port"

read -r uptime _ </proc/uptime
read -r boot_id </proc/sys/kernel/random/boot_id
# The first line break ends whatever an earlier boot left unfinished.
printf '\n{"type":"started","bootId":"%s","uptimeSeconds":%s}\n' "$boot_id" "$uptime" >&3

# This command of systemctl knows no JSON, whatever --output says.
list_jobs() {
    systemctl list-jobs --no-legend --plain --full
}
tell_jobs() {
    printf '{"type":"jobs"}\n' >&3
    printf '%s\n' "$1" | while read -r id unit type state; do
        case $id in '' | *[!0-9]*) ;; *) printf 'Job=%s %s %s\n' "$unit" "$type" "$state" >&3 ;; esac
    done
}

systemctl is-system-running --wait >/dev/null &
boot=$!
# While the boot goes on: which jobs it waits for. One write a line, so that lines never mix. When no job comes or goes any more, the boot
# hangs, and the verdict is about what there is.
(
    before=
    unchanged=0
    while sleep 10; do
        jobs=$(list_jobs) || continue
        tell_jobs "$jobs"
        if [ "$jobs" = "$before" ]; then unchanged=$((unchanged + 10)); else unchanged=0; fi
        before=$jobs
        [ "$unchanged" -lt "$stuck_after" ] || kill "$boot"
    done
) &
watcher=$!
wait "$boot"
kill "$watcher" 2>/dev/null
state=$(systemctl is-system-running)

properties=$(systemctl show --property=KernelTimestampMonotonic,InitRDTimestampMonotonic,UserspaceTimestampMonotonic,FinishTimestampMonotonic)
for property in $properties; do
    printf '{"type":"time","name":"%s","microseconds":%s}\n' "${property%%=*}" "${property#*=}" >&3
done
# What the base checks look at: jobs that are left, the kernel's taints, open ports, room, and the clock.
jobs=$(list_jobs) && tell_jobs "$jobs"
read -r tainted </proc/sys/kernel/tainted
printf '{"type":"kernel","tainted":%s}\n' "$tainted" >&3
for protocol in tcp tcp6 udp udp6; do
    [ -r /proc/net/$protocol ] || continue
    while read -r _ local _ socket_state _; do
        # 0A: a TCP socket that listens; 07: a UDP socket without a peer.
        case $socket_state in 0A | 07) printf '{"type":"socket","protocol":"%s","local":"%s"}\n' "$protocol" "$local" >&3 ;; esac
    done </proc/net/$protocol
done
for path in /boot /etc /var; do
    # access(2) says no to root too when the file system is read-only.
    if [ -w "$path" ]; then writable=true; else writable=false; fi
    df -P -k "$path" | {
        read -r _
        read -r device _ _ free _
        printf '{"type":"place","path":"%s","device":"%s","writable":%s,"freeKiB":%s}\n' "$path" "$device" "$writable" "$free" >&3
    }
done
printf '{"type":"clock","epochSeconds":%s}\n' "$(date +%s)" >&3
failed=$(systemctl list-units --failed --output=json)
printf '{"type":"state","state":"%s","failed":%s}\n' "$state" "${failed:-[]}" >&3
systemctl show '*' --property=Id,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic,InactiveEnterTimestampMonotonic >&3
fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID,_SYSTEMD_UNIT,_TRANSPORT
journalctl --boot --no-pager --all --output=json --output-fields="$fields" >&3
printf '{"type":"end"}\n' >&3
