import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { bootAttempts, grubenvBlock } from '../../images/boot-counter.ts';
import { bootSector, coreImage, grubConfiguration, makeBootLoaders, mkimageArgv } from '../../images/grub.ts';
import { mebibyte } from '../../images/size.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('grubConfiguration() counts down from three, then chooses the other entry and arms again', async (t) => {
  const text = await grubConfiguration();
  const counting = text.slice(text.indexOf('if [ -n "$boot_counter" ]'), text.indexOf('echo "slipway: boot_counter'));
  t.deepEqual(
    counting
      .trimEnd()
      .split('\n')
      .map((line) => line.trim()),
    [
      'if [ -n "$boot_counter" ]; then',
      'if [ "$boot_counter" = 3 ]; then set boot_counter=2',
      'elif [ "$boot_counter" = 2 ]; then set boot_counter=1',
      'elif [ "$boot_counter" = 1 ]; then set boot_counter=0',
      'else set choice=1; set boot_counter=3; fi',
      'save_env -f "$envblk" boot_counter',
      'fi',
    ],
  );
  t.is(bootAttempts, 3);
});

test('grubConfiguration() reads only the two known variables, from partition 4', async (t) => {
  const text = await grubConfiguration();
  t.true(text.includes('set envblk="($disk,gpt4)/grubenv"'));
  t.deepEqual(text.match(/^load_env .*$/gm), ['load_env -f "$envblk" boot_counter watchdog']);
});

test('grubConfiguration() sets default and fallback after the menu was read, so that they win', async (t) => {
  const lines = (await grubConfiguration()).split('\n');
  const at = (start: string): number => lines.findIndex((line) => line.startsWith(start));
  t.true(at('syslinux_source -s /boot/loader/syslinux.cfg') < at('set default=$choice'));
  t.true(lines.includes('if [ "$choice" = 0 ]; then set fallback=1; else set fallback=0; fi'));
});

test('grubConfiguration() gives each of the two watchdog stages 40 s', async (t) => {
  const stages = (await grubConfiguration()).match(/^ {2}write_dword .*\}[04] .*$/gm) ?? [];
  t.deepEqual(
    stages.map((line) => line.split(' ').at(-1)),
    ['0xa000', '0xa000'],
  );
});

test("grubenvBlock() is 1024 bytes that GRUB's own tool reads", async (t) => {
  t.is(grubenvBlock().toString(), '# GRUB Environment Block\n'.padEnd(1024, '#'));
  const path = join(await temporaryFolder(t), 'grubenv');
  await writeFile(path, grubenvBlock({ boot_counter: '3', watchdog: 'i6300esb' }));
  const { stdout } = await run(['grub-editenv', path, 'list']);
  t.is(stdout, 'boot_counter=3\nwatchdog=i6300esb\n');
});

test('grubenvBlock() refuses more than a block holds', (t) => {
  t.throws(() => grubenvBlock({ long: 'x'.repeat(1024) }), { instanceOf: RangeError });
});

test('mkimageArgv() gives the memory disk before the prefix, which it would reset', (t) => {
  const argv = mkimageArgv('i386-pc', '/w/m.tar', '/w/core.img');
  t.deepEqual(argv.slice(0, 9), [
    ...['grub-mkimage', '--format', 'i386-pc', '--memdisk', '/w/m.tar'],
    ...['--prefix', '(memdisk)/g', '--output', '/w/core.img'],
  ]);
  t.true(argv.includes('linux16'));
  t.false(mkimageArgv('x86_64-efi', 'm', 'o').includes('linux16'));
});

test('bootSector() points at the core image, distrusts the drive number and leaves the partition table alone', (t) => {
  const code = bootSector(Buffer.alloc(512, 0xee), mebibyte);
  t.is(code.length, 440);
  t.is(code.readBigUInt64LE(0x5c), 2048n);
  t.is(code.subarray(0x66, 0x68).toString('hex'), '9090');
  const untouched = [...code.subarray(0, 0x5c), ...code.subarray(0x64, 0x66), ...code.subarray(0x68)];
  t.true(untouched.every((byte) => byte === 0xee));
});

test('coreImage() lists the sectors behind its first one', (t) => {
  const core = coreImage(Buffer.alloc(3 * 512 + 1, 1), mebibyte, mebibyte);
  t.is(core.length, 4 * 512);
  t.is(core.readBigUInt64LE(0x1f4), 2049n);
  t.is(core.readUInt16LE(0x1fc), 3);
  t.is(core.readUInt16LE(0x1fe), 0x820);
});

test('coreImage() refuses what does not fit before it overwrites the next partition', (t) => {
  const error = t.throws(() => coreImage(Buffer.alloc(mebibyte + 1), mebibyte, mebibyte));
  t.is(error?.message, 'GRUB takes 1048577 bytes, the BIOS boot partition has room for 1048576');
});

test('makeBootLoaders() makes GRUB for both firmwares around our configuration', async (t) => {
  const folder = await temporaryFolder(t);
  const loaders = await makeBootLoaders(folder, { events: new Events(), signal: new AbortController().signal });
  t.is(loaders.bootImage.length, 512);
  t.true(loaders.core.length > 100_000 && loaders.core.length < mebibyte);
  const program = await readFile(loaders.efiFile);
  t.is(program.subarray(0, 2).toString(), 'MZ');
  t.true(program.includes(await grubConfiguration()), 'the EFI program carries its configuration uncompressed');
  t.true((await run(['tar', '-tf', `${folder}/memdisk.tar`])).stdout.endsWith('g/grub.cfg\n'));
});
