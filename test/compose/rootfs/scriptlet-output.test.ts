import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type ScriptletOutputs, scriptletOutputs } from '../../../compose/rootfs/scriptlet-output.ts';
import { UserError } from '../../../lib/errors.ts';
import { type MiniPackage, miniDistribution, step } from '../mini-distribution.ts';

test('the file for what a scriptlet says lies in its folder, whatever the package is called', (t) => {
  const due = { package: { nevra: 'a/../../../b-1-1.noarch' }, scriptlet: { kind: '%post' } } as const;
  t.is(
    scriptletOutputs('/f').nextFile(due as unknown as Parameters<ScriptletOutputs['nextFile']>[0]),
    '/f/001-post-a_.._.._.._b-1-1.noarch.log',
  );
});

test('what a scriptlet that goes well says is shown at --debug only, its warnings always', async (t) => {
  const mini = await miniDistribution(t, [
    { name: 'chatty', scriptlets: { post: { script: 'echo "doing this"; echo "Warning: no such that" >&2' } } },
  ]);
  const { events } = await mini.compose();
  const told = (kind: string): string[] =>
    events.flatMap((event) => (event.type === kind && 'message' in event ? [event.message] : []));
  t.deepEqual(
    told('info').filter((message) => message.includes('chatty')),
    [],
  );
  t.deepEqual(told('warning'), ['%post of chatty-1-1.noarch: Warning: no such that']);
  t.deepEqual(told('debug'), ['%post of chatty-1-1.noarch: doing this\nWarning: no such that']);
});

test('all that scriptlets say is kept, a file for each, also when their results are known; an error names the file', async (t) => {
  const chatty: MiniPackage = {
    name: 'chatty',
    scriptlets: {
      pre: { script: 'true' },
      post: { script: 'echo "doing this"; echo "Warning: no such that" >&2' },
      posttrans: { script: 'echo last' },
    },
  };
  const outputs = async (folder: string): Promise<Record<string, string>> => {
    const names = (await readdir(folder)).sort();
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await textOf(join(folder, name))])));
  };
  const textOf = (path: string): Promise<string> => readFile(path, 'utf8');
  const mini = await miniDistribution(t, [chatty]);
  const composed = await mini.compose();
  t.is(composed.scriptletOutput?.endsWith(`/${composed.inputId}`), true);
  const kept = await outputs(composed.scriptletOutput!);
  t.deepEqual(kept, {
    '001-pre-chatty-1-1.noarch.log': '',
    '002-post-chatty-1-1.noarch.log': 'doing this\nWarning: no such that\n',
    '003-posttrans-chatty-1-1.noarch.log': 'last\n',
  });
  await rm(composed.scriptletOutput!, { recursive: true });
  const again = await mini.compose({ force: true });
  t.is(step(again, 'Run scriptlets').outcome, 'reused');
  t.deepEqual(await outputs(again.scriptletOutput!), kept);
  t.is((await mini.compose()).scriptletOutput, null);

  const lines = Array.from({ length: 30 }, (_, number) => `line ${number}`);
  await mini.publish([{ name: 'bad', scriptlets: { post: { script: `printf '${lines.join('\\n')}\\n'; exit 7` } } }]);
  await mini.treefile({});
  const error = await t.throwsAsync(mini.compose(), { instanceOf: UserError });
  t.false(error?.message.includes('line 0\n'));
  const path = / is in (\S+)$/.exec(error?.hint ?? '')?.[1] ?? '';
  t.true(path.endsWith('/001-post-bad-1-1.noarch.log'));
  t.is(await textOf(path), `${lines.join('\n')}\n`);
});
