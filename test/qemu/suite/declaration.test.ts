import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { emptyDeclaration } from '../../../qemu/suite/external/declaration.ts';
import { discoverTests, projectName, testName } from '../../../qemu/suite/external/discover.ts';
import { tree } from '../../support/temporary.ts';

async function tests(
  t: Parameters<typeof tree>[0],
  files: Readonly<Record<string, string>>,
  executable: readonly string[],
) {
  const folder = await tree(t, Object.fromEntries(Object.entries(files).map(([name, text]) => [`mine/${name}`, text])));
  for (const name of executable) await chmod(join(folder, 'mine', name), 0o755);
  return { folder: join(folder, 'mine'), found: discoverTests(join(folder, 'mine')) };
}

test('discoverTests() gives names, data and declarations, of each folder for itself; a header replaces kola.json', async (t) => {
  const { folder, found } = await tests(
    t,
    {
      'plain.sh': '#!/bin/sh\n',
      'notes.txt': 'not a test',
      'net/kola.json': '{"tags": "net slow", "timeoutMin": 3}',
      'net/data/lib.sh': '#!/bin/sh\n',
      'net/test.sh': '#!/bin/sh\n# kola: {"timeoutMin": 5, "exclusive": false}\n',
      'net/quiet': '#!/bin/sh\n',
      'net/deep/yaml':
        '#!/bin/sh\nset -e\n## kola:\n##   tags: "a b"\n##   minMemory: 2048\n## # a comment\n##   architectures: "! s390x"\n\n## later\n',
    },
    ['plain.sh', 'net/test.sh', 'net/quiet', 'net/deep/yaml', 'net/data/lib.sh'],
  );
  t.deepEqual(await found, [
    {
      name: 'ext.mine.net',
      executable: join(folder, 'net/test.sh'),
      dataFolder: join(folder, 'net/data'),
      ignition: null,
      declaration: { ...emptyDeclaration, timeoutMin: 5 },
    },
    {
      name: 'ext.mine.net.deep.yaml',
      executable: join(folder, 'net/deep/yaml'),
      dataFolder: null,
      ignition: null,
      declaration: {
        ...emptyDeclaration,
        tags: ['a', 'b'],
        minMemory: 2048,
        architectures: ['!', 's390x'],
      },
    },
    {
      name: 'ext.mine.net.quiet',
      executable: join(folder, 'net/quiet'),
      dataFolder: join(folder, 'net/data'),
      ignition: null,
      declaration: { ...emptyDeclaration, tags: ['net', 'slow'], timeoutMin: 3 },
    },
    {
      name: 'ext.mine.plain.sh',
      executable: join(folder, 'plain.sh'),
      dataFolder: null,
      ignition: null,
      declaration: emptyDeclaration,
    },
  ]);
});

const wrong: readonly (readonly [title: string, header: string, message: RegExp])[] = [
  [
    'a key with a typing error, with its column and the nearest key',
    '# kola: {"exclusive": false, "timeoutmins": 3}',
    /no such key "timeoutmins"\n {2}--> .*mine\/bad:2:31\n2 \| # kola: \{"exclusive": false, "timeoutmins": 3\}\n {2}\| {31}\^{11} did you mean "timeoutMin"\?/,
  ],
  [
    'a value of the wrong form',
    '# kola: {"timeoutMin": "3"}',
    /"timeoutMin" must be a whole number that is not negative, not a string\n {2}--> .*bad:2:/,
  ],
  ['broken JSON', '# kola: {"exclusive": fals}', /a value is due, not "fals"\n {2}--> .*bad:2:23/],
  [
    'a key in a YAML block',
    '## kola:\n##   exclusiv: true',
    /no such key "exclusiv"\n {2}--> .*bad:3:6\n3 \| ## {3}exclusiv: true/,
  ],
  [
    'ports that are no numbers',
    '# kola: {"requiredHostPorts": ["nfs"]}',
    /"requiredHostPorts" must be a list of whole numbers, not a list/,
  ],
  ['a key twice', '# kola: {"tags": "a", "tags": "b"}', /"tags" is given twice/],
];
for (const [title, header, message] of wrong) {
  test(`discoverTests() points at ${title}`, async (t) => {
    const { found } = await tests(t, { bad: `#!/bin/sh\n${header}\n` }, ['bad']);
    const error = await t.throwsAsync(found);
    t.regex(error!.message, message);
  });
}

const unsupported: readonly (readonly [files: Record<string, string>, reason: string])[] = [
  [{ t: '#!/bin/sh\n# kola: {"bootFrom": "iso", "numaNodes": false}\n' }, 'bootFrom'],
  [{ t: '#!/bin/sh\n# kola: {"requiredHostPorts":[2049]}\n' }, 'requiredHostPorts'],
  [{ t: '#!/bin/sh\n# kola: {"additionalDisks": ["5G:mpath"]}\n' }, 'additionalDisks "5G:mpath"'],
  [{ t: '#!/bin/sh\n# kola: {"primaryDisk": ":mpath"}\n' }, 'primaryDisk ":mpath"'],
  [{ t: '#!/bin/sh\n', 'config.bu': '' }, 'config.bu (Butane is not translated; write config.ign)'],
];
for (const [files, reason] of unsupported) {
  test(`discoverTests() says that ${reason} is not supported`, async (t) => {
    const { found } = await tests(t, files, ['t']);
    t.is((await found)[0]!.declaration.unsupported, reason);
  });
}

test('discoverTests() says that a test with a header cannot run either where there is a config for Butane', async (t) => {
  const { found } = await tests(t, { t: '#!/bin/sh\n# kola: {"timeoutMin": 5}\n', 'config.fcc': '' }, ['t']);
  const { unsupported, timeoutMin } = (await found)[0]!.declaration;
  t.deepEqual([unsupported, timeoutMin], ['config.bu (Butane is not translated; write config.ign)', 5]);
});

test('discoverTests() reads sizes and network cards', async (t) => {
  const header = '# kola: {"minDisk": 20, "primaryDisk": "30G", "additionalNics": 2}';
  const { found } = await tests(t, { t: `#!/bin/sh\n${header}\n` }, ['t']);
  const read = { minDisk: 20, primaryDisk: '30G', additionalNics: 2 };
  t.deepEqual((await found)[0]!.declaration, { ...emptyDeclaration, ...read });
});

test('discoverTests() looks for the declaration in the first 8 KiB, as kola does', async (t) => {
  const padding = `${'#'.repeat(63)}\n`;
  const header = '# kola: {"timeoutMin": 5}\n';
  const { found } = await tests(
    t,
    { near: `#!/bin/sh\n${padding.repeat(120)}${header}`, far: `#!/bin/sh\n${padding.repeat(128)}${header}` },
    ['near', 'far'],
  );
  t.deepEqual(
    (await found).map(({ name, declaration }) => [name, declaration.timeoutMin]),
    [
      ['ext.mine.far', emptyDeclaration.timeoutMin],
      ['ext.mine.near', 5],
    ],
  );
});

test('discoverTests() names links that lead nowhere', async (t) => {
  const { folder, found } = await tests(t, { 'good.sh': '#!/bin/sh\n' }, ['good.sh']);
  await found;
  await symlink('gone', join(folder, 'lost.sh'));
  await symlink('round.sh', join(folder, 'round.sh'));
  const error = await t.throwsAsync(discoverTests(folder));
  t.true(error!.message.includes(`${join(folder, 'lost.sh')} is a link that leads nowhere`), error!.message);
  t.true(error!.message.includes(`${join(folder, 'round.sh')} is a link that leads nowhere`), error!.message);
});

test('discoverTests() names a folder that is not there', async (t) => {
  await t.throwsAsync(discoverTests('nowhere'), { message: 'there is no folder of tests nowhere' });
});

test('projectName() and testName() are those of kola', (t) => {
  t.is(projectName('/src/my-config/tests/kola'), 'my-config');
  t.is(projectName('/src/my-tests'), 'my-tests');
  t.is(testName('p', 'a/b/test.sh'), 'ext.p.a.b');
  t.is(testName('p', 'test.sh'), 'ext.p.test.sh');
});
