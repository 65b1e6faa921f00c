// rpm itself is the oracle of which scriptlets run, in what order, and with which arguments and input.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { RpmFile, RpmFileTrigger, RpmTrigger } from '../../../lib/rpm/spec.ts';
import { installedByRpm } from '../installed-by-rpm.ts';
import { fileIn, type MiniPackage, miniDistribution } from '../mini-distribution.ts';

const log = '/usr/lib/order';

/** A scriptlet that notes its name and arguments. */
const say = (what: string): { script: string } => ({ script: `echo "${what} [$1] [$2]" >> ${log}` });

const allScriptlets = (name: string): MiniPackage['scriptlets'] => ({
  pre: say(`%pre ${name}`),
  post: say(`%post ${name}`),
  posttrans: say(`%posttrans ${name}`),
});

const trigger = (what: string, ...packages: RpmTrigger['packages']): RpmTrigger => ({
  ...{ kind: 'triggerin', packages, ...say(`%triggerin ${what}`) },
});

/** Notes the paths that it is given, too. */
function fileTrigger(kind: RpmFileTrigger['kind'], prefixes: readonly string[], priority?: number): RpmFileTrigger {
  const title = `%${kind} -P ${priority ?? 'default'} -- ${prefixes.join()}`;
  return {
    kind,
    prefixes,
    ...(priority === undefined ? {} : { priority }),
    script: `${say(title).script}\ncat >> ${log}`,
  };
}

const file = (path: string): RpmFile => ({ type: 'file', path, content: 'x' });
const ghost = (path: string): RpmFile => ({ type: 'file', path, content: '', flags: ['ghost'] });

const packageSets: Readonly<Record<string, readonly MiniPackage[]>> = {
  'triggers on packages, with versions': [
    {
      name: 'a-owner',
      scriptlets: allScriptlets('a-owner'),
      triggers: [
        trigger('older', { name: 'target', comparison: '<', version: '1.0' }),
        trigger('other release', { name: 'target', comparison: '=', version: '2.0-2' }),
        trigger('other epoch', { name: 'target', comparison: '>', version: '1:1' }),
        trigger('virtual name', { name: 'virtual' }),
        trigger('this or z', { name: 'target', comparison: '>=', version: '2.0' }, { name: 'z-owner' }),
        trigger('a second of the same pair', { name: 'target' }),
        trigger('itself', { name: 'a-owner' }),
      ],
    },
    {
      ...{ name: 'b-owner', requires: [{ name: 'a-owner' }] },
      triggers: [trigger('exact', { name: 'target', comparison: '=', version: '2.0-1' })],
    },
    {
      ...{ name: 'target', version: '2.0', requires: [{ name: 'b-owner' }], provides: [{ name: 'virtual' }] },
      scriptlets: allScriptlets('target'),
    },
    {
      ...{ name: 'z-owner', requires: [{ name: 'target' }], scriptlets: allScriptlets('z-owner') },
      triggers: [
        trigger('both fire it, once', { name: 'target' }, { name: 'a-owner' }),
        trigger('the first is taken', { name: 'a-owner' }, { name: 'b-owner' }),
        trigger('an older one that is provided', { name: 'provider', comparison: '<', version: '1.0' }),
      ],
    },
    {
      ...{ name: 'provider', version: '2.0', epoch: 1, requires: [{ name: 'z-owner' }] },
      provides: [{ name: 'provider', comparison: '=', version: '0.5' }],
    },
  ],
  'triggers on files, with priorities': [
    {
      ...{
        name: 'early',
        files: [file('/usr/share/data/m/2'), file('/usr/share/data/z'), ghost('/usr/share/data/gone')],
      },
      scriptlets: allScriptlets('early'),
    },
    {
      ...{ name: 'owner', requires: [{ name: 'early' }], scriptlets: allScriptlets('owner') },
      files: [file('/usr/share/data/m/0'), file('/usr/share/own')],
      triggers: [trigger('early', { name: 'early' })],
      fileTriggers: [
        fileTrigger('filetriggerin', ['/usr/share/data'], 5),
        fileTrigger('filetriggerin', ['/usr/share/data'], 9999),
        fileTrigger('filetriggerin', ['/usr/share/data'], 10_000),
        fileTrigger('filetriggerin', ['/usr/share/data/m', '/usr/share/data']),
        fileTrigger('filetriggerin', ['/usr/share/da']),
        fileTrigger('filetriggerin', ['/usr/share/data/z']),
        fileTrigger('filetriggerun', ['/usr/share/data']),
        fileTrigger('transfiletriggerin', ['/usr/share/data'], 3),
        fileTrigger('transfiletriggerin', ['/usr/share/da', '/usr/share/data/m/']),
        fileTrigger('transfiletriggerin', ['/usr/share/own']),
      ],
    },
    {
      ...{ name: 'second', requires: [{ name: 'owner' }], scriptlets: allScriptlets('second') },
      fileTriggers: [
        fileTrigger('filetriggerin', ['/usr/share'], 10_001),
        fileTrigger('filetriggerin', ['/usr/share'], 2_000_000),
        fileTrigger('transfiletriggerin', ['/usr/share/data'], 4),
        fileTrigger('transfiletriggerin', ['/usr/share/nothing']),
      ],
    },
    {
      ...{ name: 'late', requires: [{ name: 'second' }], scriptlets: allScriptlets('late') },
      files: [file('/usr/share/data/zz'), file('/usr/share/data/b'), ghost('/usr/share/data/gone-too')],
    },
  ],
};

for (const [title, packages] of Object.entries(packageSets)) {
  test(`scriptlets run as rpm runs them: ${title}`, async (t) => {
    const mini = await miniDistribution(t, packages);
    const byRpm = lines(await readFile(join(await installedByRpm(mini.folder, packages), log), 'utf8'));
    const ours = await fileIn(await mini.compose(), log);
    // All files are in the tree from the beginning, so every %pre runs before anything else.
    const isPre = (line: string): boolean => line.startsWith('%pre ');
    t.deepEqual(lines(ours), [...byRpm.filter(isPre), ...byRpm.filter((line) => !isPre(line))]);
  });
}

function lines(text: string): string[] {
  return text.trim().split('\n');
}
