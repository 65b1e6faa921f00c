import test, { type ExecutionContext } from 'ava';
import { parentOption } from '../../cli/commands/compose/tree.ts';
import { run } from '../../lib/run.ts';
import { slipway } from '../support/slipway.ts';
import { tree } from '../support/temporary.ts';

/** What bash offers behind `line`, with the script loaded that `slipway completion` prints. */
async function offered(
  t: ExecutionContext,
  line: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const program = new URL('../../cli/main.ts', import.meta.url).pathname;
  const folder = await tree(t, {
    ...files,
    'bin/slipway': `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
  });
  await run(['chmod', '+x', `${folder}/bin/slipway`]);
  const { stdout: script } = await slipway(['completion']);
  const words = line.split(' ');
  const asked = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _slipway_completions; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${folder}/bin:/usr/bin:/bin`, SHELL: '/bin/zsh', SLIPWAY_CACHE: `${folder}/cache` };
  const { stdout } = await run(['bash', '--norc', '-c', `${script}\n${asked}`], { env, cwd: folder });
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, whatever shell the user logs in with', async (t) => {
  t.deepEqual(await offered(t, 'slipway com'), ['compose', 'completion']);
});

test('bash completes options behind a dash, and leaves other words to its own completion of files', async (t) => {
  t.deepEqual(await offered(t, 'slipway self-test --fa'), ['--fast']);
  t.deepEqual(await offered(t, 'slipway qemu test '), []);
  t.deepEqual(await offered(t, 'slipway compose tree host.yaml --repo '), []);
});

const checksum = 'a'.repeat(64);

test('parentOption() takes a checksum, --no-parent and nothing else', (t) => {
  t.deepEqual(parentOption(undefined), {});
  t.deepEqual(parentOption(false), { parent: null });
  t.deepEqual(parentOption(checksum), { parent: checksum });
  t.throws(() => parentOption('zzz'), {
    message: '--parent takes the checksum of a commit (64 hex digits), not "zzz"',
  });
});

test('--no-parent is taken as an option of compose tree', async (t) => {
  const { stderr } = await slipway(['compose', 'tree', '/nowhere.yaml', '--repo', '/tmp/never-made', '--no-parent']);
  t.regex(stderr, /nowhere\.yaml/);
});
