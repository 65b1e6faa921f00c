#!/bin/bash
# Puts Debian's Ignition into the initramfs of an OSTree host that brings its config along (QEMU's firmware device, config drives).

check() {
    return 255 # only where a configuration of dracut asks for it
}

depends() {
    echo systemd systemd-tmpfiles ostree
}

installkernel() {
    instmods qemu_fw_cfg
}

install() {
    # Debian's module as it is, except for what it depends on: the network, which nothing here needs.
    (
        moddir=$dracutbasedir/modules.d/30ignition
        . "$moddir/module-setup.sh"
        install
    )
    local script unit
    inst_multiple mount umount mkdir rmdir touch readlink journalctl systemctl systemd-tmpfiles
    for script in first-boot var presets last-words; do
        inst_script "$moddir/$script" "/usr/lib/slipway-ignition/$script"
    done
    inst_script "$moddir/setfiles" /usr/sbin/setfiles
    for unit in first-boot var; do
        inst_simple "$moddir/slipway-ignition-$unit.service" "$systemdsystemunitdir/slipway-ignition-$unit.service"
        mkdir -p "$initdir$systemdsystemunitdir/ignition-complete.target.requires"
        ln_r "../slipway-ignition-$unit.service" \
            "$systemdsystemunitdir/ignition-complete.target.requires/slipway-ignition-$unit.service"
    done
    # Names of their own: of two drop-ins with one name, the one for the longer unit name would hide the other.
    inst_simple "$moddir/all-stages.conf" "$systemdsystemunitdir/ignition-.service.d/slipway-stage.conf"
    inst_simple "$moddir/files-stage.conf" "$systemdsystemunitdir/ignition-files.service.d/slipway-presets.conf"
}
