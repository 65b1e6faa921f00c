// Scriptlets in rpm's Lua, run for real: by the tree's own rpm, by the build machine's, and by an rpm that installs the same packages.

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { luaRunners } from '../../../compose/rootfs/lua.ts';
import { UserError } from '../../../lib/errors.ts';
import type { RpmFile } from '../../../lib/rpm/spec.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { installedByRpm } from '../installed-by-rpm.ts';
import { type Composed, fileIn, listing, type MiniPackage, miniDistribution, step } from '../mini-distribution.ts';
import { rpmPackage } from '../rpm-package.ts';

const log = '/usr/lib/lua-log';

/** A script that can `say` things. */
const lua = (body: string): { script: string; interpreter: string[] } => ({
  interpreter: ['<lua>'],
  script: `function say(...)
  local file = assert(io.open("${log}", "a"))
  file:write(table.concat({...}, " "), "\\n")
  file:close()
end
${body}`,
});

const packages: readonly MiniPackage[] = [
  {
    ...{ name: 'a-lua', requires: [{ name: 'base' }] },
    files: [{ type: 'directory', path: '/usr/share/lua' }],
    scriptlets: {
      pre: lua('say("%pre", arg[1], math.type(arg[2]), arg[2], #arg)'),
      post: lua(`say("%post", posix.getcwd(), posix.stat("/usr/bin/busybox", "type"), posix.getpasswd("daemon", "uid"))
say(rpm.vercmp("1.2", "1.10"), tostring(posix.access("/sys/kernel")), tostring(rpm.next_file))
assert(posix.mkdir("/usr/share/lua/made"))
assert(posix.symlink("made", "/usr/share/lua/link"))
assert(posix.chmod("/usr/share/lua/made", "rwxrwx--x"))
assert(posix.chown("/usr/share/lua/made", "daemon", "shadow"))
for name in posix.files("/usr/share/lua/made") do if name:sub(1, 1) ~= "." then say("found", name) end end
assert(rpm.execute("/bin/sh", "-c", "echo executed by $0 >> ${log}; exit 0", "shell"))
local done, why, status = rpm.execute("/bin/sh", "-c", "exit 3")
say(tostring(done), why, status)
local child = posix.fork()
if child == 0 then assert(posix.exec("/bin/sh", "-c", "echo forked >> ${log}")) end
say("waited for it", tostring(posix.wait(child) == child))
print("printed", 1, nil, true)
io.write("written\\n")`),
      posttrans: lua('say("%posttrans", arg[2])'),
    },
    triggers: [{ kind: 'triggerin', packages: [{ name: 'b-data' }], ...lua('say("%triggerin", arg[2], arg[3])') }],
    fileTriggers: [
      {
        ...{ kind: 'filetriggerin', prefixes: ['/usr/share/data'] },
        ...lua('say("%filetriggerin", arg[2]) for path in rpm.next_file do say(path) end'),
      },
    ],
  },
  {
    ...{ name: 'b-data', requires: [{ name: 'a-lua' }] },
    files: ['one', 'two words'].map(
      (name): RpmFile => ({ type: 'file', path: `/usr/share/data/${name}`, content: '' }),
    ),
  },
];

const treeOf: Readonly<Record<string, () => Promise<readonly MiniPackage[]>>> = {
  "the tree's rpm": async () => [await rpmPackage()],
  "this machine's rpm": async () => [],
};

for (const [runner, more] of Object.entries(treeOf)) {
  test(`scriptlets in Lua do with ${runner} what they do when rpm installs the packages, and their results are known the next time`, async (t) => {
    const all = [...packages, ...(await more())];
    const mini = await miniDistribution(t, all);
    const composed = await mini.compose();
    const root = await installedByRpm(mini.folder, all);
    t.is(await fileIn(composed, log), await readFile(join(root, log), 'utf8'));
    const lines = await listing(composed);
    t.true(lines.includes('d 00771 2 42 /usr/share/lua/made'));
    t.true(lines.some((line) => line.startsWith('l') && line.includes('/usr/share/lua/link')));
    t.false(lines.some((line) => line.includes('slipway-rpm')));
    t.true(said(composed).includes('%post of a-lua-1-1.noarch: printed\t1\tnil\ttrue\nwritten'));
    const again = await mini.compose({ force: true, repo: join(mini.folder, 'again') });
    t.is(again.checksum, composed.checksum);
    t.is(step(again, 'Run scriptlets').outcome, 'reused');
  });

  test(`a scriptlet in Lua that fails with ${runner} is reported with its status and all that it said`, async (t) => {
    const failing = 'print("begins")\nlocal nothing\nerror("no such thing")';
    const mini = await miniDistribution(t, [
      { name: 'lua', scriptlets: { post: { script: failing, interpreter: ['<lua>'] } } },
      ...(await more()),
    ]);
    const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
    t.is(error?.code, 'scriptlet-failed');
    t.is(
      error?.message,
      `the %post of lua-1-1.noarch failed with exit status 1:
    begins
    error: lua script failed: /run/slipway-scriptlet:3: no such thing`,
    );
  });
}

function said({ events }: Pick<Composed, 'events'>): string[] {
  return events.flatMap((event) => (event.type === 'debug' ? [event.message] : []));
}

test('luaRunners() names the scriptlet when neither the tree nor this machine has an rpm with Lua', async (t) => {
  const runnerOf = async (rpm: string | null): Promise<unknown> => {
    const [root, programs] = [await temporaryFolder(t), await folderWith(t, rpm)];
    return luaRunners(root, { env: { PATH: programs } })('%post of lua-1-1.noarch');
  };
  for (const rpm of [null, '#!/bin/sh\necho "%{lua:print(rpm.expand(%{_rpmconfigdir}))}"\n']) {
    const error = await t.throwsAsync(runnerOf(rpm), { instanceOf: UserError });
    t.is(error?.code, 'scriptlet-unsupported');
    t.is(
      error?.message,
      "the %post of lua-1-1.noarch is written in rpm's Lua, and neither the tree nor this machine has an rpm that can run it",
    );
  }
});

async function folderWith(t: ExecutionContext, rpm: string | null): Promise<string> {
  const folder = await temporaryFolder(t);
  if (rpm !== null) {
    await writeFile(join(folder, 'rpm'), rpm);
    await chmod(join(folder, 'rpm'), 0o755);
  }
  return folder;
}
