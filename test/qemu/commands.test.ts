// `slipway qemu run, list, console, screenshot, ssh and kill`, each a process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { bootSectorDisk, bootSectorGreeting } from '../../qemu/boot-sector.ts';
import { listMachines, type MachineRecord, recordMachine } from '../../qemu/machine-record.ts';
import { machineDefaults } from '../../qemu/machine-run.ts';
import { generateSshKey } from '../../qemu/ssh.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Harness, startHarness } from './support/harness.ts';
import { startSshServer } from './support/ssh-server.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface RunningMachine extends Harness {
  readonly record: MachineRecord;
  readonly folder: string;
  readonly env: { readonly SLIPWAY_CACHE: string };
}

/** A machine whose guest says OK on the console and halts. */
async function runningMachine(t: ExecutionContext): Promise<RunningMachine> {
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  await writeFile(image, bootSectorDisk());
  const cache = join(folder, 'cache');
  const options = { ...machineDefaults, image, firmware: 'bios', accelerator: 'tcg', memoryMiB: 64 } as const;
  const harness = await startHarness(t, options, cache);
  const [record] = await listMachines(join(cache, 'machines'));
  return { ...harness, record: record!, folder, env: { SLIPWAY_CACHE: cache } };
}

test('slipway qemu list names the machine, its ssh port and its image; kill ends it', async (t) => {
  const { record, env, qemuPid } = await runningMachine(t);
  const { name, sshPort, image } = record;
  const list = await slipway(['qemu', 'list'], { env });
  t.regex(list.stdout, new RegExp(`^${name}  ssh ${sshPort}  since \\d\\d:\\d\\d:\\d\\d UTC  ${image}\n$`));
  t.is(record.qemuPid, qemuPid);
  const killed = await slipway(['qemu', 'kill', name], { env });
  t.deepEqual(killed, { stdout: `ended ${name} (${image})\n`, stderr: '', exitCode: 0 });
  while ((await slipway(['qemu', 'list'], { env })).stdout !== 'no machine runs\n');
  const again = await slipway(['qemu', 'kill', name], { env });
  t.is(again.exitCode, 1);
  t.regex(again.stderr, new RegExp(`^error: no machine "${name}" runs\n`));
});

test('slipway qemu console shows all lines and ends with the machine', async (t) => {
  const { env, qemuPid } = await runningMachine(t);
  const console = spawn(process.execPath, [program, 'qemu', 'console'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  t.teardown(() => console.kill());
  const ended = once(console, 'close');
  const [text] = (await once(console.stdout.setEncoding('utf8'), 'data')) as [string];
  t.regex(text, new RegExp(`^\\[ +\\d+\\.\\d{3}\\] ${bootSectorGreeting}$`));
  process.kill(qemuPid, 'SIGKILL');
  t.deepEqual(await ended, [0, null]);
});

test('slipway qemu run forwards fixed ports, shows the screen by VNC and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  await writeFile(image, bootSectorDisk());
  const env = { SLIPWAY_CACHE: join(folder, 'cache') };
  const [hostPort, filePort] = [await freePort(), await freePort()];
  const machine = join(folder, 'machine.yaml');
  await writeFile(machine, `ports: [${filePort}:81]\n`);
  const ports = ['--machine', machine, '--port', `${hostPort}:80`];
  const options = ['--accel', 'tcg', '--memory', '64', '--vnc', ...ports];
  const run = spawn(process.execPath, [program, 'qemu', 'run', image, ...options], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  t.teardown(() => run.kill('SIGKILL'));
  const ended = once(run, 'close');
  let told = '';
  run.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  while (!/screen: .*\n/.test(told)) await sleep(20);
  t.regex(told, new RegExp(`port 80 of the guest is 127\\.0\\.0\\.1:${hostPort}\n`));
  t.regex(told, new RegExp(`port 81 of the guest is 127\\.0\\.0\\.1:${filePort}\n`));
  const screen = connect(/screen: vncviewer (\S+)/.exec(told)![1]!);
  const [greeting] = (await once(screen, 'data')) as [Buffer];
  t.is(greeting.toString(), 'RFB 003.008\n');
  screen.destroy();
  const second = await slipway(['qemu', 'run', image, ...options], { env });
  t.regex(
    second.stderr,
    new RegExp(`error: port (${hostPort}|${filePort}) of 127\\.0\\.0\\.1 cannot be had for the machine\n`),
  );
  run.kill('SIGTERM');
  await ended;
  t.deepEqual(await readdir(join(folder, 'cache/machines')), []);
});

test('slipway qemu run --ssh ends when its machine is killed before ssh answers', async (t) => {
  const folder = await temporaryFolder(t);
  const image = join(folder, 'image.raw');
  await writeFile(image, bootSectorDisk());
  const env = { SLIPWAY_CACHE: join(folder, 'cache') };
  const run = slipway(['qemu', 'run', image, '--accel', 'tcg', '--memory', '64', '--ssh'], { env });
  while ((await slipway(['qemu', 'list'], { env })).stdout === 'no machine runs\n');
  t.is((await slipway(['qemu', 'kill'], { env })).exitCode, 0);
  const { exitCode, stderr } = await run;
  t.is(exitCode, 1);
  t.regex(stderr, /^error: the machine ended before ssh answered\n/m);
  t.deepEqual(await readdir(join(folder, 'cache/machines')), []);
});

test('slipway qemu screenshot writes the screen as PNG', async (t) => {
  const { env, folder, record } = await runningMachine(t);
  const file = join(folder, 'screen.png');
  const shot = await slipway(['qemu', 'screenshot', file, record.name], { env });
  t.deepEqual(shot, { stdout: `wrote ${file}\n`, stderr: '', exitCode: 0 });
  const png = await readFile(file);
  t.is(png.toString('latin1', 1, 4), 'PNG');
  t.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [720, 400]); // VGA text mode
  const failed = await slipway(['qemu', 'screenshot', '/nowhere/screen.png'], { env });
  t.is(failed.exitCode, 1);
  t.regex(
    failed.stderr,
    /^error: no screenshot in \/nowhere\/screen\.png: QEMU refused: .*No such file or directory\n/,
  );
});

test('slipway qemu ssh runs one command, whose status is its own', async (t) => {
  const folder = await temporaryFolder(t);
  const key = generateSshKey();
  const work = join(folder, 'machines/1-2-aaaaaaaa');
  await mkdir(work, { recursive: true });
  const facts = { image: '/i', qemuPid: process.pid, consoleFile: '/c', privateKey: key.privateKey };
  await recordMachine(work, { ...facts, sshPort: await startSshServer(t, key.publicKey) });
  const env = { SLIPWAY_CACHE: folder };
  const result = await slipway(['qemu', 'ssh', 'aaaaaaaa', '--', 'sh', '-c', 'echo said; exit 3'], { env });
  t.deepEqual(result, { stdout: 'said\n', stderr: '', exitCode: 3 });
  const shell = await slipway(['qemu', 'ssh', '--json'], { env });
  t.like(JSON.parse(shell.stdout), { error: { message: 'a shell has no JSON result' } });
});
