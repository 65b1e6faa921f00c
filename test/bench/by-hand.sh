#!/bin/bash
# `slipway compose tree` and `slipway images build` by hand, as a person with a shell would do it: the peer of the benchmark.
# by-hand.sh RPMS PACKAGES WORK commit: from the RPM repository in folder RPMS and the names in file PACKAGES to a commit in WORK/repo.
# by-hand.sh RPMS PACKAGES WORK image: from there to WORK/image.qcow2. Needs root.
set -euo pipefail
rpms=$(readlink -f "$1") packages=$(readlink -f "$2") work=$(readlink -f "$3") job=$4
tree=$work/tree repo=$work/repo sysroot=$work/sysroot disk=$work/image.raw
ref=bench/x86_64/by-hand
root_start=106496 # sectors: 1 MiB gap, 1 MiB BIOS boot partition, 48 MiB EFI system partition, aligned

install_packages() {
  mkdir -p "$tree" "$work/home" "$work/empty"
  # Debian's rpm keeps its database in the caller's home otherwise.
  echo '%_dbpath /usr/lib/sysimage/rpm' >"$work/home/.rpmmacros"
  cat >"$work/dnf.conf" <<CONF
[main]
plugins=0
gpgcheck=0
install_weak_deps=0
cachedir=$work/dnf-cache
logdir=$work/dnf-log
persistdir=$work/dnf-state
varsdir=$work/empty
reposdir=$work/empty
tsflags=nodocs
[bench]
name=bench
baseurl=file://$rpms
CONF
  local names
  mapfile -t names <"$packages"
  HOME=$work/home dnf --assumeyes --quiet --config="$work/dnf.conf" --installroot="$tree" --releasever=13 install "${names[@]}"
}

make_initramfs() {
  kernel=$(ls "$tree/usr/lib/modules")
  bwrap --bind "$tree" / --dev /dev --proc /proc --ro-bind /sys /sys --tmpfs /tmp --tmpfs /run --tmpfs /var/tmp \
    --unshare-pid --unshare-net --die-with-parent --setenv PATH /usr/sbin:/usr/bin --chdir / \
    dracut --quiet --no-hostonly --reproducible --add ostree --tmpdir /tmp --kver "$kernel" \
    --force "/usr/lib/modules/$kernel/initramfs.img"
}

lay_out_tree() {
  : >"$tree/etc/machine-id"
  rm -f "$tree"/etc/{passwd-,group-,shadow-,gshadow-,.pwd.lock} "$tree"/usr/lib/sysimage/rpm/.rpm.lock
  sqlite3 "$tree/usr/lib/sysimage/rpm/rpmdb.sqlite" 'pragma journal_mode=delete; vacuum' >/dev/null
  (cd "$tree/var" && find . -mindepth 1 -type d ! -path './cache/dnf*' ! -path './tmp*' -printf 'd /var/%P %m %U %G - -\n' | sort) \
    >"$tree/usr/lib/tmpfiles.d/by-hand-var.conf"
  printf 'd /var/%s 0755 root root -\n' home opt srv mnt usrlocal >>"$tree/usr/lib/tmpfiles.d/by-hand-var.conf"
  echo 'd /var/roothome 0700 root root -' >>"$tree/usr/lib/tmpfiles.d/by-hand-var.conf"
  local top
  for top in var home root opt srv mnt media usr/local tmp boot run dev proc sys; do rm -rf "${tree:?}/$top"; done
  mkdir -m 1777 "$tree/tmp"
  mkdir -p "$tree"/{var,sysroot,boot,run,dev,proc,sys}
  for top in home opt srv mnt; do ln -s "var/$top" "$tree/$top"; done
  ln -s var/roothome "$tree/root"
  ln -s run/media "$tree/media"
  ln -s ../var/usrlocal "$tree/usr/local"
  ln -sfn sysroot/ostree "$tree/ostree"
  mv "$tree/etc" "$tree/usr/etc"
}

commit_tree() {
  ostree --repo="$repo" init --mode=bare-user
  ostree --repo="$repo" commit --branch="$ref" --tree=dir="$tree" --bootable --add-metadata-string=version=1 >/dev/null
}

deploy() {
  mkdir "$sysroot"
  ostree admin init-fs --modern "$sysroot"
  ostree admin os-init --sysroot="$sysroot" bench
  ostree --repo="$sysroot/ostree/repo" config set sysroot.bootprefix true
  ostree --repo="$sysroot/ostree/repo" config set sysroot.readonly true
  ostree --repo="$sysroot/ostree/repo" pull-local "$repo" "$ref" >/dev/null
  mkdir -p "$sysroot/boot/syslinux" "$sysroot/boot/loader.0"
  ln -s ../loader/syslinux.cfg "$sysroot/boot/syslinux/syslinux.cfg"
  ln -sfn loader.0 "$sysroot/boot/loader"
  echo 'TIMEOUT 10' >"$sysroot/boot/loader.0/syslinux.cfg"
  ostree admin deploy --sysroot="$sysroot" --os=bench --karg=root=LABEL=root --karg=rw --karg=console=ttyS0 "$ref" >/dev/null
}

# Writes a little-endian number: number bytes file offset
patch_number() {
  local value=$1 bytes=$2 text='' i
  for ((i = 0; i < bytes; i++)); do
    text+=$(printf '\\x%02x' $(((value >> (8 * i)) & 255)))
  done
  printf '%b' "$text" | dd of="$3" bs=1 seek="$4" conv=notrunc status=none
}

write_disk() {
  truncate --size=4G "$disk"
  sgdisk -n1:2048:+1M -t1:ef02 -n2:0:+48M -t2:ef00 -n3:$root_start:0 -t3:8304 "$disk" >/dev/null
  cat >"$work/grub.cfg" <<'GRUB'
serial --unit=0 --speed=115200
search --no-floppy --set=root --label root
set timeout=1
terminal_input console serial
terminal_output console serial
syslinux_configfile -s /boot/loader/syslinux.cfg
GRUB
  local modules="normal linux part_gpt ext2 search search_label syslinuxcfg serial terminal echo test boot sleep gzio all_video minicmd reboot"
  # shellcheck disable=SC2086 # a list of words
  grub-mkimage -O i386-pc -p /boot/grub -c "$work/grub.cfg" -o "$work/core.img" biosdisk linux16 $modules
  # shellcheck disable=SC2086
  grub-mkimage -O x86_64-efi -p /boot/grub -c "$work/grub.cfg" -o "$work/BOOTX64.EFI" fat efi_gop $modules
  # What grub-bios-setup does: where the first code finds the rest, and how long that is.
  cp /usr/lib/grub/i386-pc/boot.img "$work/boot.img"
  patch_number 2048 8 "$work/boot.img" $((0x5c))
  local sectors=$((($(stat --format=%s "$work/core.img") + 511) / 512))
  patch_number 2049 8 "$work/core.img" $((0x1f4))
  patch_number $((sectors - 1)) 2 "$work/core.img" $((0x1fc))
  patch_number $((0x820)) 2 "$work/core.img" $((0x1fe))
  dd if="$work/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$disk" bs=512 seek=2048 conv=notrunc status=none
  truncate --size=48M "$work/esp.img"
  mkfs.vfat -F 32 -s 1 "$work/esp.img" >/dev/null
  mmd -i "$work/esp.img" ::/EFI ::/EFI/BOOT
  mcopy -i "$work/esp.img" "$work/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
  dd if="$work/esp.img" of="$disk" bs=1M seek=2 conv=notrunc,sparse status=none
  local blocks=$(((4 * 1024 * 1024 * 1024 - root_start * 512 - 1024 * 1024) / 4096))
  mkfs.ext4 -q -F -L root -b 4096 -E "offset=$((root_start * 512)),nodiscard" -d "$sysroot" "$disk" $blocks
  qemu-img convert -O qcow2 -c -o compression_type=zstd "$disk" "$work/image.qcow2"
}

case $job in
commit)
  install_packages
  make_initramfs
  lay_out_tree
  commit_tree
  ;;
image)
  deploy
  write_disk
  # OSTree makes deployments immutable; whoever removes the work folder should not stumble over that.
  chattr -i "$sysroot"/ostree/deploy/bench/deploy/*.0 2>/dev/null || true
  ;;
esac
