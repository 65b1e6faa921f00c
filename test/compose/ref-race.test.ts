import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { engineContext } from '../../compose/context.ts';
import { readPreviousCommit } from '../../compose/previous.ts';
import { advanceRef } from '../../compose/repository/refs.ts';
import { UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { lockArgv, withFileLock } from '../../lib/file-lock.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { miniDistribution } from './mini-distribution.ts';

const signal = (): AbortSignal => new AbortController().signal;

test('of two composes at once to one ref, one moves it and the other says to run again; no commit is lost', async (t) => {
  const mini = await miniDistribution(t, []);
  const first = await mini.compose();
  const version = (text: string): Parameters<typeof mini.compose>[0] => ({ commitMetadata: { version: text } });
  const results = await Promise.allSettled([mini.compose(version('a')), mini.compose(version('b'))]);
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as UserError] : []));
  t.deepEqual([done.length, refused.map((error) => error.code)], [1, ['ref-moved']]);
  const winner = done[0]!.checksum;
  t.is(
    refused[0]!.message,
    `the ref mini/host of ${first.repo} was moved to ${winner} by someone else while this commit was made`,
  );

  const again = await mini.compose(version(done[0]!.version === 'a' ? 'b' : 'a'));
  const commit = await readPreviousCommit(first.repo, 'mini/host');
  t.is(commit?.checksum, again.checksum);
  t.is(commit?.parent, winner);
});

test('two equal composes at once make one repository and one commit', async (t) => {
  const mini = await miniDistribution(t, []);
  const [one, two] = await Promise.all([mini.compose(), mini.compose()]);
  t.is(one?.checksum, two?.checksum);
});

test('advanceRef() leaves a ref alone that was removed meanwhile', async (t) => {
  const mini = await miniDistribution(t, []);
  const { repo, checksum } = await mini.compose();
  const context = engineContext({ events: new Events(), signal: signal() });
  const error = await t.throwsAsync(advanceRef(repo, 'other', { before: checksum, checksum }, context), {
    instanceOf: UserError,
  });
  t.is(error?.message, `the ref other of ${repo} was removed by someone else while this commit was made`);
  await advanceRef(repo, 'other', { before: null, checksum }, context);
  t.is((await readPreviousCommit(repo, 'other'))?.checksum, checksum);
});

test('withFileLock() lets one at a time in, and a killed holder leaves nothing locked', async (t) => {
  const path = join(await temporaryFolder(t), 'lock');
  const [program, ...args] = lockArgv(path, 'exclusive');
  const holder = spawn(program!, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  holder.stdin.write('x');
  await once(holder.stdout, 'data');
  const story: string[] = [];
  const waiting = Promise.all(
    ['one', 'two'].map((name) =>
      withFileLock(path, signal(), async () => {
        story.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        story.push(`${name} out`);
      }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.deepEqual(story, []);
  holder.kill('SIGKILL');
  await waiting;
  const [winner, loser] = story[0] === 'one in' ? ['one', 'two'] : ['two', 'one'];
  t.deepEqual(story, [`${winner} in`, `${winner} out`, `${loser} in`, `${loser} out`]);
});

test('withFileLock() names a file that cannot be locked', async (t) => {
  const path = join(await temporaryFolder(t), 'missing', 'lock');
  await t.throwsAsync(
    withFileLock(path, signal(), async () => {}),
    { message: `${path} cannot be locked` },
  );
});
