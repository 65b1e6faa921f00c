import { appendFile, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildImages } from '../../images/build.ts';
import type { ImagesDocument } from '../../images/images-document.ts';
import { partitionNamed } from '../../images/layout.ts';
import type { ImageOptions } from '../../images/plan.ts';
import { mebibyte } from '../../images/size.ts';
import { Cancelled } from '../../lib/errors.ts';
import { Events, type SlipwayEvent } from '../../lib/events.ts';
import { run } from '../../lib/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { tinyHost, tinyHostRef } from '../support/tiny-host.ts';

// Hashing the default of 4 GiB would take most of the time.
const diskSize = 192 * mebibyte;

interface Built {
  readonly document: ImagesDocument;
  readonly outputDir: string;
  /** What the last "Build images" step ended as. */
  readonly outcome: string | undefined;
}

async function build(folder: string, changes: Partial<ImageOptions> = {}): Promise<Built> {
  const outputDir = changes.outputDir ?? join(folder, 'out');
  await mkdir(outputDir, { recursive: true });
  const seen: SlipwayEvent[] = [];
  const events = new Events();
  events.listen((event) => seen.push(event));
  const options = {
    repo: join(folder, 'repo'),
    ref: tinyHostRef,
    formats: ['raw'],
    size: diskSize,
    outputDir,
    ...changes,
  };
  const document = await buildImages(options, { events, signal: new AbortController().signal });
  const ended = seen.find((event) => event.type === 'step-end' && event.title === 'Build images');
  return { document, outputDir, outcome: ended?.type === 'step-end' ? ended.outcome : undefined };
}

function rootAt({ document, outputDir }: Built): string {
  return `${outputDir}/image.raw?offset=${partitionNamed(document.disk!, 'root').offset}`;
}

async function builtTinyHost(t: ExecutionContext, changes: Partial<ImageOptions> = {}): Promise<Built> {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  return await build(folder, changes);
}

test.serial('buildImages() describes the images in images.json and leaves nothing else', async (t) => {
  const { document, outputDir } = await builtTinyHost(t, { formats: ['raw,qcow2'] });
  t.deepEqual((await readdir(outputDir)).sort(), ['image.qcow2', 'image.raw', 'images.json']);
  t.deepEqual(JSON.parse(await readFile(join(outputDir, 'images.json'), 'utf8')), document);
  t.like(document, {
    kind: 'images',
    version: 1,
    commit: { ref: tinyHostRef, version: '1.2', kernel: '6.1-tiny' },
    sourceDateEpoch: 1_767_225_600,
  });
  for (const image of document.images) {
    const path = join(outputDir, image.file);
    const { size, blocks } = await stat(path);
    t.like(image, { size, allocatedSize: blocks * 512, virtualSize: diskSize });
    t.true((await run(['sha256sum', path])).stdout.startsWith(`${image.sha256} `));
  }
  t.true(document.images[0]!.allocatedSize < 20 * mebibyte, 'the raw disk is sparse');
  const files = document.images.map((image) => join(outputDir, image.file));
  t.regex((await run(['qemu-img', 'compare', ...files])).stdout, /Images are identical/);
  t.regex((await run(['qemu-img', 'info', files[1]!])).stdout, /compression type: zstd/);
});

test.serial('buildImages() fills root with a clean file system that keeps owners, modes and links', async (t) => {
  const built = await builtTinyHost(t);
  const root = rootAt(built);
  await run(['e2fsck', '-fn', root]);
  const { checksum } = built.document.commit;
  const deployment = `/ostree/deploy/slipway/deploy/${checksum}.0`;
  const debugfs = async (request: string): Promise<string> => (await run(['debugfs', '-R', request, root])).stdout;
  const tool = await debugfs(`stat ${deployment}/usr/bin/tool`);
  t.regex(tool, /Mode: {2}04755/);
  t.regex(tool, /User: +0 +Group: +0/);
  t.regex(tool, /Links: 2/, 'the file is one with its object in the repository');
  t.regex(tool, /crtime: 0x6955b900:00000000/, 'the commit decides the times');
  t.regex(await debugfs(`stat ${deployment}`), /Flags: 0x80010$/m, 'immutable, and made of extents as all are');
  t.regex(await debugfs(`stat ${deployment}/etc`), /Flags: 0x80000$/m);
  t.is(await debugfs(`cat ${deployment}/etc/hostname`), 'tiny\n');
  t.regex(await debugfs('cat /boot/loader/syslinux.cfg'), /KERNEL \/boot\/ostree\/slipway-\w+\/vmlinuz-6\.1-tiny/);
  t.regex(await debugfs('cat /boot/loader/syslinux.cfg'), /APPEND root=LABEL=root rw .* ostree=\/ostree\/boot\.1\//);
  t.regex(await debugfs('cat /ostree/repo/config'), /bootloader=syslinux/);
  t.is(await debugfs(`cat ${deployment}.origin`), `[origin]\nrefspec=slipway:${tinyHostRef}\n`);
});

test.serial('buildImages() makes file systems for the firmware and for the boot counter', async (t) => {
  const { document, outputDir } = await builtTinyHost(t);
  const fatFile = async (name: 'esp' | 'bootenv', path: string): Promise<string> => {
    const at = `${outputDir}/image.raw@@${partitionNamed(document.disk!, name).offset}`;
    return (await run(['mtype', '-i', at, path], { env: { MTOOLS_SKIP_CHECK: '1' } })).stdout;
  };
  t.is(await fatFile('bootenv', '::/grubenv'), '# GRUB Environment Block\n'.padEnd(1024, '#'));
  t.true((await fatFile('esp', '::/EFI/BOOT/BOOTX64.EFI')).startsWith('MZ'));
  t.regex((await run(['sgdisk', '--verify', `${outputDir}/image.raw`])).stdout, /No problems found/);
});

test.serial('buildImages() puts the remote and the arguments that are asked for into the host', async (t) => {
  const built = await builtTinyHost(t, {
    remote: { name: 'fleet', url: 'https://updates.example.com/repo', gpgVerify: false },
    kargs: ['panic=60', 'quiet'],
    stateroot: 'edge',
    ignitionPlatform: 'qemu',
  });
  const debugfs = async (request: string): Promise<string> =>
    (await run(['debugfs', '-R', request, rootAt(built)])).stdout;
  const config = await debugfs('cat /ostree/repo/config');
  t.true(config.includes('[remote "fleet"]\nurl=https://updates.example.com/repo\ngpg-verify=false\n'));
  t.regex(
    await debugfs('cat /boot/loader/syslinux.cfg'),
    / panic=60 quiet ignition\.firstboot ignition\.platform\.id=qemu ostree=/,
  );
  t.regex(await debugfs('stat /boot/ignition.firstboot'), /Type: regular/);
  t.regex(await debugfs('ls /ostree/deploy'), /edge/);
});

test.serial('buildImages() gives the same bytes again, and another folder changes nothing', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const [first, second] = [
    await build(folder, { formats: ['raw,qcow2'] }),
    await build(folder, { formats: ['raw,qcow2'], outputDir: join(folder, 'a/b'), workDir: folder }),
  ];
  t.deepEqual(
    second.document.images.map((image) => image.sha256),
    first.document.images.map((image) => image.sha256),
  );
});

test.serial('buildImages() re-uses images of equal input, and makes them anew once a guest wrote to one', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const first = await build(folder);
  t.is(first.outcome, 'done');
  const again = await build(folder);
  t.is(again.outcome, 'reused');
  t.deepEqual(again.document, first.document);
  t.is((await build(folder, { kargs: ['quiet'] })).outcome, 'done');
  const now = new Date();
  await utimes(join(first.outputDir, 'image.raw'), now, now);
  t.is((await build(folder, { kargs: ['quiet'] })).outcome, 'done');
  await appendFile(join(first.outputDir, 'images.json'), 'garbage');
  t.is((await build(folder, { kargs: ['quiet'] })).outcome, 'done');
});

test.serial('buildImages() removes the work folders of runs that were killed, and only those', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const outputDir = join(folder, 'out');
  const namespace = /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0];
  const dead = join(outputDir, `.slipway-images-4194303-1-${namespace}-a`);
  const ofAnotherContainer = join(outputDir, '.slipway-images-4194303-1-1-a');
  const foreign = join(outputDir, '.slipway-notes');
  for (const path of [dead, ofAnotherContainer, foreign]) {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'file'), '');
  }
  await build(folder);
  t.deepEqual((await readdir(outputDir)).sort(), [
    '.slipway-images-4194303-1-1-a',
    '.slipway-notes',
    'image.raw',
    'images.json',
  ]);
});

test.serial('buildImages() leaves nothing behind when it is cancelled', async (t) => {
  const folder = await temporaryFolder(t);
  await tinyHost(folder);
  const outputDir = join(folder, 'out');
  await mkdir(outputDir);
  const controller = new AbortController();
  const events = new Events();
  events.listen((event) => {
    if (event.type === 'step-start' && event.title === 'Write the disk') controller.abort();
  });
  const options = { repo: join(folder, 'repo'), ref: tinyHostRef, formats: ['raw'], outputDir };
  await t.throwsAsync(buildImages(options, { events, signal: controller.signal }), { instanceOf: Cancelled });
  t.deepEqual(await readdir(outputDir), []);
});

test.serial('buildImages() is whole again after a run that was killed in the middle', async (t) => {
  const folder = await temporaryFolder(t);
  const repo = await tinyHost(folder);
  const outputDir = join(folder, 'out');
  await mkdir(outputDir);
  const script = new URL('../support/build-until-killed.ts', import.meta.url).pathname;
  const argv = [process.execPath, script, repo, tinyHostRef, outputDir, 'Write the disk'];
  await t.throwsAsync(run(argv), { message: /was ended by SIGKILL/ });
  const left = await readdir(outputDir);
  t.is(left.length, 1, 'only the work folder');
  t.regex(left[0]!, /^\.slipway-images-/);
  const { outcome } = await build(folder);
  t.is(outcome, 'done');
  t.deepEqual((await readdir(outputDir)).sort(), ['image.raw', 'images.json']);
});
