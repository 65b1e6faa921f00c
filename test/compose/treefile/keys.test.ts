import test from 'ava';
import { keyThemes, mergedKeys, refusedKeys } from '../../../compose/treefile/keys.ts';
import { notYetActedOn, warnNotYetActedOn } from '../../../compose/treefile/not-yet-acted-on.ts';
import { Problems } from '../../../compose/treefile/problems.ts';
import { merged, readTree } from './read-tree.ts';

const examples = keyThemes.flatMap(({ keys }) => keys);

for (const key of examples) {
  test(`the example of "${key.name}" is read without a problem`, async (t) => {
    const files: Record<string, string> = {
      'top.yaml': `variables: {stream: testing, debug: true}\nreleasever: 40\n${key.example}\n`,
    };
    if (key.name === 'variables') files['top.yaml'] = `${key.example}\n`;
    if (key.name === 'releasever') files['top.yaml'] = `${key.example}\n`;
    for (const [name] of key.example.matchAll(/[\w-]+\.yaml/g))
      files[name] = 'packages: [nano]\nunits: [cups.socket]\n';
    if (key.name === 'remove-inherited') {
      files['top.yaml'] = `include: base.yaml\n${key.example}\n`;
      files['base.yaml'] = 'packages: [nano]\nunits: [cups.socket]\n';
    }
    const printed = await merged(t, files);
    const known = mergedKeys.includes(key as (typeof mergedKeys)[number]);
    const hidden = ['repovars', 'bootstrap-packages'];
    if (known && !hidden.includes(key.name)) t.true(key.name in printed, `${key.name} is not in the merged treefile`);
  });
}

test('every key is declared once, and each one that nothing acts on yet is a key', (t) => {
  const names = [...examples, ...refusedKeys].map(({ name }) => name);
  t.deepEqual(names, [...new Set(names)]);
  for (const name of notYetActedOn.keys()) t.true(names.includes(name), name);
});

const acted: readonly (readonly [string, boolean])[] = [
  ['rpmdb: target', true],
  ['rpmdb: sqlite', true],
  ['rpmdb: ndb', false],
  ['boot-location: modules', true],
  ['boot-location: kernel-install', false],
  ['advisories-metadata: inline', true],
];
for (const [line, isDone] of acted) {
  test(`"${line}" is ${isDone ? 'done' : 'warned about, because nothing acts on it'}`, async (t) => {
    const { flat } = await readTree(t, { 'top.yaml': `${line}\n` });
    const problems = new Problems();
    warnNotYetActedOn(flat!.values, problems);
    t.deepEqual(
      problems.diagnostics.map(({ code }) => code),
      isDone ? [] : ['not-acted-on'],
    );
  });
}

test('the language has every key of rpm-ostree', (t) => {
  const theirs =
    `edition ref metadata basearch variables repovars rojig repos lockfile-repos selinux selinux-label-version ignore-devices
    sysusers ima gpg-key include arch-include conditional-include packages bootstrap-packages repo-packages exclude-packages
    ostree-layers ostree-override-layers platform-module container recommends documentation install-langs initramfs-args no-initramfs
    readonly-executables boot-location tmp-is-dir opt-usrlocal units default-target machineid-compat releasever
    automatic-version-prefix automatic-version-suffix mutate-os-release etc-group-members preserve-passwd check-passwd check-groups
    ignore-removed-users ignore-removed-groups postprocess-script postprocess add-files remove-files remove-from-packages
    add-commit-metadata repo-metadata advisories-metadata rpmdb rpmdb-normalize container-cmd cliwrap cliwrap-binaries`.split(
      /\s+/,
    );
  const ours = new Set(examples.map(({ name }) => name));
  t.deepEqual(
    theirs.filter((name) => !ours.has(name)),
    [],
  );
});

for (const { name, reason } of refusedKeys) {
  test(`"${name}" is refused with its reason`, async (t) => {
    const { problems } = await readTree(t, { 'top.yaml': `${name}: x\n` });
    t.true(
      problems.startsWith(`error[client-key]: "${name}" cannot be used in a compose: ${reason}\n  --> top.yaml:1:1\n`),
    );
  });
}

const values: readonly [yaml: string, key: string, value: unknown][] = [
  ['releasever: 35', 'releasever', 35],
  ['releasever: "35"', 'releasever', '35'],
  ['opt-usrlocal: stateoverlay', 'opt-usrlocal', 'state-overlay'],
  ['rpmdb: b-d-b', 'rpmdb', 'bdb'],
  ['gpg_key: abc', 'gpg-key', 'abc'],
  ['boot_location: modules', 'boot-location', 'modules'],
  ['default_target: x.target', 'default-target', 'x.target'],
  ['automatic_version_prefix: "22"', 'automatic-version-prefix', '22'],
  ['bootstrap_packages: [a b]\npackages: [b]', 'packages', ['a', 'b']],
  ['bootstrap-packages: [a]\npackages: [b]', 'packages', ['a', 'b']],
  ['packages: [b, a, b]', 'packages', ['a', 'b']],
  ['packages: [c a, "d \'podman >= 4.1\' e"]', 'packages', ['a', 'c', 'd', 'e', "'podman >= 4.1'"]],
  ['packages-x86_64: [x y]\npackages-aarch64: [z]', 'packages', ['x', 'y']],
  ['repo-packages: [{repo: r, packages: [a, b]}]', 'repo-packages', [{ repo: 'r', packages: ['a', 'b'] }]],
  [
    'check-passwd: {type: data, entries: {root: 0, a: [1], b: [1, 2]}}',
    'check-passwd',
    { type: 'data', entries: { root: 0, a: [1], b: [1, 2] } },
  ],
  ['check-groups: {type: data, entries: {a: 1, b: [2]}}', 'check-groups', { type: 'data', entries: { a: 1, b: [2] } }],
  ['rojig: {name: a, summary: b, license: c, description: ~}', 'rojig', { name: 'a', summary: 'b', license: 'c' }],
  ['check-groups: {type: none}', 'check-groups', { type: 'none' }],
  ['selinux-label-version: 1', 'selinux-label-version', 1],
  ['container-cmd: [a, b]', 'container-cmd', ['a', 'b']],
  ['metadata: {a: {b: [1, null, 1.5]}}', 'metadata', { a: { b: [1, null, 1.5] } }],
  ['remove-from-packages: [[a, /x, /y]]', 'remove-from-packages', [['a', '/x', '/y']]],
  ['documentation: False', 'documentation', false],
];
for (const [yaml, key, value] of values) {
  test(`${JSON.stringify(yaml)} means ${key} ${JSON.stringify(value)}`, async (t) => {
    t.deepEqual((await merged(t, { 'top.yaml': `${yaml}\n` }))[key], value);
  });
}

test('edition 2024 sets two keys of its own file, unless the file does', async (t) => {
  const all = await merged(t, { 'top.yaml': 'edition: "2024"\n' });
  t.deepEqual(all, { edition: '2024', 'boot-location': 'modules', 'tmp-is-dir': true });
  const kept = await merged(t, { 'top.yaml': 'edition: "2024"\ntmp-is-dir: false\nboot-location: new\n' });
  t.deepEqual(kept, { edition: '2024', 'boot-location': 'new', 'tmp-is-dir': false });
});

test("an included edition 2024 gives way to the includer's own values", async (t) => {
  const printed = await merged(t, {
    'top.yaml': 'include: a.yaml\ntmp-is-dir: false\n',
    'a.yaml': 'edition: "2024"\n',
  });
  t.deepEqual(printed, { edition: '2024', 'boot-location': 'modules', 'tmp-is-dir': false });
});

test('a key without a value counts as not written', async (t) => {
  t.deepEqual(await merged(t, { 'top.yaml': 'ref:\npackages: ~\n' }), {});
  t.deepEqual(await merged(t, { 'top.yaml': '# nothing\n' }), {});
});
