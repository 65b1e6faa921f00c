import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { buildImages } from '../../images/build.ts';
import type { ImageOptions } from '../../images/plan.ts';
import { mebibyte } from '../../images/size.ts';
import { isDiskFull } from '../../lib/disk-full.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import { Events } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { tinyHost, tinyHostRef } from '../support/tiny-host.ts';

async function refusal(folder: string, changes: Partial<ImageOptions>): Promise<UserError> {
  const outputDir = join(folder, 'out');
  await mkdir(outputDir, { recursive: true });
  const options = { repo: join(folder, 'repo'), ref: tinyHostRef, formats: ['raw'], outputDir, ...changes };
  try {
    await buildImages(options, { events: new Events(), signal: new AbortController().signal });
  } catch (error) {
    if (error instanceof UserError && (await readdir(outputDir)).length === 0) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('buildImages() says that a folder is no repository and how to make one', async (t) => {
  const folder = await temporaryFolder(t);
  const error = await refusal(folder, {});
  t.is(error.code, 'repo-missing');
  t.is(error.message, `${folder}/repo is not an OSTree repository`);
  t.regex(error.hint, /slipway compose tree/);
});

test.serial('buildImages() leaves nothing behind where no namespace can be made', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const programs = join(folder, 'bin');
  await mkdir(programs);
  for (const program of ['ostree', 'grub-mkimage', 'qemu-img']) {
    await symlink(`/usr/bin/${program}`, join(programs, program));
  }
  const path = process.env.PATH;
  process.env.PATH = programs; // without unshare
  try {
    t.is((await refusal(folder, {})).message.split(' ', 1)[0], 'unshare');
  } finally {
    process.env.PATH = path;
  }
});

test('buildImages() names the nearest refs for one that is not there', async (t) => {
  const folder = await temporaryFolder(t);
  const repo = await tinyHost(folder);
  const near = await refusal(folder, { ref: 'tiny/x86_64/hots' });
  t.is(near.message, `${repo} has no ref "tiny/x86_64/hots"`);
  t.is(near.hint, `did you mean "${tinyHostRef}"?`);
  const far = await refusal(folder, { ref: 'something else' });
  t.is(far.hint, `it has "${tinyHostRef}"`);
});

test('buildImages() refuses a commit without a kernel', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder, { kernels: [] });
  const error = await refusal(folder, {});
  t.is(error.code, 'commit-not-bootable');
  t.is(error.message, `the commit of "${tinyHostRef}" cannot boot: it has no kernel at /usr/lib/modules/KVER/vmlinuz`);
});

test('buildImages() refuses a commit with two kernels and names them', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder, { kernels: ['6.1', '6.2'] });
  t.regex((await refusal(folder, {})).message, /it has 2 kernels \(6\.1, 6\.2\), OSTree deploys exactly one/);
});

test('buildImages() passes on what is wrong with a damaged repository', async (t) => {
  const folder = await temporaryFolder(t);
  const repo = await tinyHost(folder);
  const { stdout } = await run([
    'ostree',
    `--repo=${repo}`,
    'ls',
    '-C',
    '-d',
    tinyHostRef,
    '/usr/lib/modules/6.1-tiny',
  ]);
  const [, , , , folderObject] = stdout.trim().split(/\s+/);
  await rm(join(repo, 'objects', folderObject!.slice(0, 2), `${folderObject!.slice(2)}.dirtree`));
  const error = await refusal(folder, {});
  t.is(error.code, 'repo-unreadable');
  t.true(error.message.includes(folderObject!), error.message);
  t.is(error.hint, 'check it with ostree fsck');
});

test('buildImages() says how large the disk must be', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const error = await refusal(folder, { size: 64 * mebibyte });
  t.is(error.code, 'image-too-small');
  t.regex(error.message, /^a disk of 64 MiB is too small: the host alone needs \d+ MiB$/);
  const [, needed] = /needs (\d+) MiB/.exec(error.message)!;
  const events = new Events();
  const options = { repo: join(folder, 'repo'), ref: tinyHostRef, formats: ['raw'], outputDir: join(folder, 'fits') };
  await mkdir(options.outputDir);
  await buildImages({ ...options, size: Number(needed) * mebibyte }, { events, signal: new AbortController().signal });
  t.deepEqual((await readdir(options.outputDir)).sort(), ['image.raw', 'images.json']);
});

test('buildImages() says that a key file cannot be read', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const error = await refusal(folder, { remote: { url: 'http://x.example/', gpgKeyFile: '/no/such/key' } });
  t.regex(error.message, /^the key file \/no\/such\/key cannot be read: ENOENT/);
});

for (const [format, needed] of [
  ['raw', '6\\d'],
  ['oci', '2\\d'],
  ['oci-archive', '2\\d'],
] as const) {
  test(`buildImages() says where the disk is full for ${format} and how much is needed, and leaves nothing there`, async (t) => {
    const folder = await temporaryFolder(t);
    await tinyHost(folder, { files: { 'usr/share/large': 'y'.repeat(20 * mebibyte) } });
    const small = join(folder, 'small');
    await mkdir(small);
    const script = new URL('../support/build-on-small-disk.ts', import.meta.url).pathname;
    const { stdout } = await run([
      ...['unshare', '--user', '--map-root-user', '--mount'],
      ...[process.execPath, script, join(folder, 'repo'), tinyHostRef, format, small],
    ]);
    const { code, message, left } = JSON.parse(stdout) as { code: string; message: string; left: string[] };
    t.is(code, 'disk-full');
    t.regex(
      message,
      new RegExp(`^the disk of ${small} is full: the images need about ${needed} MiB, 1[56] MiB are free$`),
    );
    t.deepEqual(left, []);
  });
}

const outputs = [
  ['mkfs.ext4: No space left on device while writing', true],
  ["error: Writing content object: min-free-space-percent '3%' would be exceeded", true],
  ['qemu-img: error while writing at byte 0: Disk quota exceeded', true],
  ['qemu-img: error while writing at byte 0: Input/output error', false],
] as const;
for (const [output, expected] of outputs) {
  test(`isDiskFull() takes "${output}" for ${expected ? 'a full disk' : 'something else'}`, (t) => {
    t.is(isDiskFull(new ToolError({ message: 'x', command: 'x', exitCode: 1, signal: null, output })), expected);
  });
}
