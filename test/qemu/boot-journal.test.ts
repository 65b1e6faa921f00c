// Where the journal of a boot comes from, with a machine that is only a verdict port and an agent made of answers.

import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { ToolError } from '../../lib/errors.ts';
import { bootJournal } from '../../qemu/boot-journal.ts';
import type { BootStart, Machine } from '../../qemu/machine-run.ts';
import { listenForVerdicts } from '../../qemu/verdict.ts';

const started = { type: 'started', bootId: 'b', uptimeSeconds: 1 };
const entry = { __MONOTONIC_TIMESTAMP: '1500000', MESSAGE: 'hello', SYSLOG_IDENTIFIER: 'sshd', _PID: '7' };

/** @param said what the verdict unit wrote @param boot of the machine @param answer of the agent */
async function journalOf(
  said: readonly object[],
  boot: Partial<BootStart>,
  answer: () => Promise<string>,
): Promise<{ readonly journal: string | null; readonly asked: string[] }> {
  const port = new PassThrough();
  const verdicts = listenForVerdicts(port, () => 50);
  port.write(said.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await turn();
  const asked: string[] = [];
  const run: Machine['run'] = async (argv) => {
    asked.push(argv.join(' '));
    return { stdout: await answer(), stderr: '', exitCode: 0 };
  };
  const whole = { poweredOnAtMs: 10, consoleLine: 0, previousConsoleLine: 0, verdicts: 0, ...boot };
  return { journal: await bootJournal({ verdicts, run, currentBoot: () => whole }), asked };
}

const asks = ['journalctl --boot --no-pager --output=short-monotonic'];
const says = async (): Promise<string> => '[    2.0] init: hangs\n';
const isSilent = async (): Promise<string> => {
  throw new ToolError({
    message: 'in the guest journalctl did not end',
    command: '',
    exitCode: null,
    signal: null,
    output: '',
  });
};

test('bootJournal() gives the journal of the verdict, and asks nobody', async (t) => {
  t.deepEqual(await journalOf([started, entry, { type: 'end' }], {}, says), {
    journal: '[    1.500000] sshd[7]: hello\n',
    asked: [],
  });
});

test('bootJournal() asks the guest of a boot that came to userspace without a verdict', async (t) => {
  t.deepEqual(await journalOf([started], {}, says), { journal: '[    2.0] init: hangs\n', asked: asks });
});

test('bootJournal() gives no journal of a guest that does not answer, and lets bugs through', async (t) => {
  t.deepEqual(await journalOf([started], {}, isSilent), { journal: null, asked: asks });
  const bug = async (): Promise<string> => {
    throw new TypeError('a bug');
  };
  await t.throwsAsync(journalOf([started], {}, bug), { instanceOf: TypeError });
});

test('bootJournal() never takes that of an earlier boot', async (t) => {
  const before = [started, entry, { type: 'end' }];
  t.deepEqual(await journalOf(before, { poweredOnAtMs: 60, verdicts: 1 }, says), { journal: null, asked: [] });
});
