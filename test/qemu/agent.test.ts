// The agent: its answers cut at every byte, and its script as it runs in the guest, here on a socket.

import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { connectAgent, type GuestAgent } from '../../qemu/agent.ts';
import { answerReader } from '../../qemu/agent-answer.ts';
import { temporaryFolder } from '../support/temporary.ts';

const script = fileURLToPath(new URL('../../qemu/guest/agent.sh', import.meta.url));

async function startAgent(t: ExecutionContext): Promise<GuestAgent & { readonly port: Duplex }> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'udevadm'), '#!/bin/sh\n', { mode: 0o755 });
  // A socket has no path to open it by.
  const text = (await readFile(script, 'utf8')).replace('exec 3<>"$port"', 'true');
  const child = spawn('sh', ['-c', text], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { PATH: `${folder}:${process.env.PATH}`, RUNTIME_DIRECTORY: folder },
  });
  t.teardown(() => child.kill());
  const port = child.stdio[3] as unknown as Duplex;
  return { ...connectAgent(port), port };
}

test('answerReader() finds output, status and errors, wherever the bytes are cut', (t) => {
  const answer = Buffer.from('one\n01\n\n0123 7 4\nbad\n');
  for (let cut = 0; cut <= answer.length; cut++) {
    const reader = answerReader('0123');
    const found = reader.read(answer.subarray(0, cut)) ?? reader.read(answer.subarray(cut));
    t.deepEqual(
      { ...found, stdout: String(found?.stdout), stderr: String(found?.stderr) },
      { stdout: 'one\n01\n', stderr: 'bad\n', status: 7 },
    );
  }
});

test('answerReader() gives the output of an answer that never ends', (t) => {
  const reader = answerReader('0123');
  t.is(reader.read(Buffer.from('begun\n01')), undefined);
  t.is(reader.output().toString(), 'begun\n01');
});

test('the agent runs commands one after another, with words, input and output kept byte by byte', async (t) => {
  const agent = await startAgent(t);
  const odd = 'it\'s $HOME "quoted" \\ `x`\n\n';
  const [first, second] = await Promise.all([
    agent.run(['printf', '%s', odd]),
    agent.run(['cat'], { input: 'no\0end\n\n' }),
  ]);
  t.deepEqual(first, { stdout: odd, stderr: '', exitCode: 0 });
  t.deepEqual(second, { stdout: 'no\0end\n\n', stderr: '', exitCode: 0 });
  t.notRegex((await agent.run(['env'])).stdout, /RUNTIME_DIRECTORY/);
  const large = 'x'.repeat(300_000);
  t.is((await agent.run(['cat'], { input: large })).stdout, large);
});

test('a command that fails is told with its name, status and output', async (t) => {
  const agent = await startAgent(t);
  const argv = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
  t.like(await t.throwsAsync(agent.run(argv)), {
    message: 'in the guest sh failed with exit status 3',
    exitCode: 3,
    output: 'out\nerr',
  });
  t.deepEqual(await agent.run(argv, { okExitCodes: [3] }), { stdout: 'out\n', stderr: 'err\n', exitCode: 3 });
  t.like(await t.throwsAsync(agent.run(['no-such-program'])), { exitCode: 127 });
});

test('a command that is late is ended in the guest, and the agent goes on', async (t) => {
  const agent = await startAgent(t);
  const failure = await t.throwsAsync(agent.run(['sh', '-c', 'echo begun; sleep 60'], { timeoutMs: 1_000 }));
  t.like(failure, { message: 'in the guest sh did not end within 1 s', exitCode: null, output: 'begun' });
  t.is((await agent.run(['echo', 'again'])).stdout, 'again\n');
});

test('a reset loses what runs with its output so far, and half a request does not harm the next', async (t) => {
  const agent = await startAgent(t);
  const running = agent.run(['sh', '-c', 'echo begun; sleep 2']);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  agent.reset();
  t.like(await t.throwsAsync(running), {
    message: 'in the guest sh lost its connection',
    exitCode: null,
    output: 'begun',
  });
  agent.port.write('script and input of a request whose head was lost');
  t.is((await agent.run(['echo', 'again'])).stdout.split('\n').at(-2), 'again');
});
