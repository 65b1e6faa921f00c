import test from 'ava';
import { diffPackages, formatPackageDiff } from '../../compose/diff.ts';
import { isWanted } from '../../compose/packages/wanted.ts';
import { capabilityBytes } from '../../compose/rootfs/capabilities.ts';
import { dracutSandbox } from '../../compose/rootfs/initramfs.ts';
import type { LuaRunner } from '../../compose/rootfs/lua.ts';
import { scriptletProgram } from '../../compose/rootfs/run-scriptlets.ts';
import { sandboxArgv } from '../../compose/rootfs/sandbox.ts';
import { nextVersion } from '../../compose/version.ts';

const june2026 = 1_781_000_000;

const versions: [prefix: string, suffix: string, previous: string | null, next: string][] = [
  ['22', '.', null, '22'],
  ['22', '.', '22', '22.1'],
  ['22', '.', '22.1', '22.2'],
  ['22', '.', '22.9', '22.10'],
  ['22', '.', '21.4', '22'],
  ['22', '.', '220', '22'],
  ['22', '.', '22.3-hotfix', '22.4'],
  ['22.1', '.', '22.1', '22.1.1'],
  ['22', '-', '22-4', '22-5'],
  ['22.<date:%Y>', '.', null, '22.2026.0'],
  ['22.<date:%Y>', '.', '22.2026.0', '22.2026.1'],
  ['22.<date:%Y>', '.', '22.2025.7', '22.2026.0'],
  ['22.<date:%Y>.1', '.', '22.2026.1.0', '22.2026.1.1'],
  ['<date:%Y%m%d>', '.', null, '20260609.0'],
];
for (const [prefix, suffix, previous, next] of versions) {
  test(`nextVersion() counts ${previous ?? 'nothing'} on to ${next} under ${prefix}`, (t) => {
    t.is(nextVersion(prefix, suffix, previous, june2026), next);
  });
}

test('nextVersion() refuses a date that it does not know', (t) => {
  t.throws(() => nextVersion('<date:%Q>', '.', null, 0), {
    message: 'automatic-version-prefix uses %Q in its date, which Slipway does not know',
  });
});

test('diffPackages() tells apart what came, went and changed', (t) => {
  const at = (name: string, version: string, epoch = 0) => ({ name, epoch, version, release: '1', arch: 'x86_64' });
  const diff = diffPackages(
    [at('a', '1'), at('b', '1'), at('gone', '1')],
    [at('a', '1'), at('b', '2', 1), at('new', '1')],
  );
  t.deepEqual(formatPackageDiff(diff), [
    '  ~ b-1-1.x86_64 -> b-1:2-1.x86_64',
    '  + new-1-1.x86_64',
    '  - gone-1-1.x86_64',
  ]);
});

const capabilities: [text: string, hex: string][] = [
  ['cap_net_raw=ep', '0100000200200000000000000000000000000000'],
  ['cap_chown,cap_sys_admin=i', '0000000200000000010020000000000000000000'],
  ['cap_setuid=p cap_bpf+e', '0100000280000000000000000000000000000000'],
  ['= cap_checkpoint_restore=p', '0000000200000000000000000001000000000000'],
];
for (const [text, hex] of capabilities) {
  test(`capabilityBytes() encodes ${text}`, (t) => {
    t.is(capabilityBytes(text).toString('hex'), hex);
  });
}

test('capabilityBytes() refuses a capability that it does not know', (t) => {
  t.throws(() => capabilityBytes('cap_fly=ep'), {
    message: 'the file capabilities "cap_fly=ep" are not understood at "cap_fly"',
  });
});

test("isWanted() follows rpm's rules for documentation and languages", (t) => {
  const doc = { flags: 2, languages: '' };
  t.false(isWanted(doc, { documentation: false, languages: [] }));
  t.true(isWanted(doc, { documentation: true, languages: [] }));
  const wanted = (languages: string): boolean =>
    isWanted({ flags: 0, languages }, { documentation: true, languages: ['en_US'] });
  t.deepEqual(['', 'en', 'en_US', 'en_GB', 'de', 'de|en'].map(wanted), [true, true, true, false, false, true]);
});

test('sandboxArgv() gives no network, few capabilities, an empty /sys and its own environment', (t) => {
  const argv = sandboxArgv({ root: '/tree', writable: false, readOnly: { '/a': '/b' } }, ['prog', 'arg']);
  const line = argv.join(' ');
  t.true(line.startsWith('bwrap --ro-bind /tree / --dev /dev --proc /proc --tmpfs /sys'));
  for (const part of [
    '--ro-bind /a /b',
    '--unshare-net',
    '--unshare-pid',
    '--unshare-cgroup-try',
    '--cap-drop ALL',
    '--clearenv',
  ]) {
    t.true(line.includes(part), part);
  }
  t.false(line.includes('CAP_SYS_ADMIN'));
  t.deepEqual(argv.slice(-3), ['--', 'prog', 'arg']);
});

test('scriptletProgram() runs shells, bare interpreters and Lua', (t) => {
  const lua = { argv: ['/usr/bin/rpm', '--eval'], readOnly: {}, environment: {} };
  const program = (scriptlet: { interpreter: string[]; script: string }, runner: LuaRunner | null = null): string[] => {
    const due = { scriptlet: { kind: '%triggerin', expands: false, ...scriptlet }, arguments: ['1', '2'], input: '' };
    return scriptletProgram(due, runner);
  };
  t.deepEqual(program({ interpreter: ['/bin/sh'], script: 'x' }), ['/bin/sh', '/run/slipway-scriptlet', '1', '2']);
  t.deepEqual(program({ interpreter: ['/sbin/ldconfig'], script: '' }), ['/sbin/ldconfig']);
  const [rpm, option, macro] = program({ interpreter: ['<lua>'], script: 'x' }, lua);
  t.deepEqual([rpm, option], ['/usr/bin/rpm', '--eval']);
  t.regex(macro ?? '', /^%\{lua:_G\.arg = \{"<lua>", 1, 2\} .* dofile\("\/run\/slipway-scriptlet"\)\}$/);
});

test('dracutSandbox() is for any host, reproducible, and takes the arguments of the treefile last', (t) => {
  const argv = dracutSandbox('/tree', '/result', { kernelVersion: '6.1', arguments: ['--omit', 'nfs'] });
  t.is(
    argv.slice(argv.indexOf('dracut')).join(' '),
    'dracut --quiet --force --no-hostonly --no-hostonly-cmdline --reproducible --add ostree --tmpdir /tmp --kver 6.1 --omit nfs /run/slipway/initramfs.img',
  );
});
