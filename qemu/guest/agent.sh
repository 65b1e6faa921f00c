#!/bin/sh
# Runs in the guest, started by slipway-agent.service; neither is part of the image: both come as systemd credentials.
# Runs commands for the harness over a virtio-serial port: no network, no login, and it stands in every copy of a frozen machine.
# A request is a line `slipway ID SECONDS SCRIPT INPUT` (a random word, the time limit, two sizes in bytes), the script and its input.
# The answer is the script's standard output as it comes, the line `ID STATUS SIZE`, and so many bytes of standard error.
# Needs only a POSIX shell, systemd and coreutils.
port=$1
udevadm wait --timeout=120 "$port" || exit 0
exec 3<>"$port"
folder=$RUNTIME_DIRECTORY
# What systemd tells this unit is not about the commands.
unset RUNTIME_DIRECTORY CREDENTIALS_DIRECTORY JOURNAL_STREAM INVOCATION_ID SYSTEMD_EXEC_PID
unset MEMORY_PRESSURE_WATCH MEMORY_PRESSURE_WRITE

while read -r word id seconds script_size input_size <&3; do
    # A reset may have cut the request before this one in two.
    [ "$word" = slipway ] || continue
    # Both end after so many bytes and read none too many (head of coreutils).
    script=$(head --bytes="$script_size" <&3)
    input=/dev/null
    if [ "$input_size" -gt 0 ]; then
        input=$folder/input
        head --bytes="$input_size" <&3 >"$input"
    fi
    timeout --kill-after=5 "$seconds" /bin/sh -c "$script" <"$input" >&3 2>"$folder/errors" 3>&-
    status=$?
    size=0
    [ ! -s "$folder/errors" ] || size=$(wc -c <"$folder/errors")
    # The first line break is not of the output; it ends it.
    printf '\n%s %s %s\n' "$id" "$status" "$size" >&3
    [ "$size" = 0 ] || head --bytes="$size" "$folder/errors" >&3
done
