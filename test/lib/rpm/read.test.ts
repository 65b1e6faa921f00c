import { createHash, randomBytes } from 'node:crypto';
import { globSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readScriptlets } from '../../../compose/packages/scriptlets.ts';
import { UserError } from '../../../lib/errors.ts';
import { isGhost, isRegularFile, isSymbolicLink, rpmFiles } from '../../../lib/rpm/files.ts';
import { rpmPayload } from '../../../lib/rpm/payload.ts';
import { numberArrayTag, numberTag, readRpmHeader, stringArrayTag, stringTag } from '../../../lib/rpm/read.ts';
import { rpmTag } from '../../../lib/rpm/tags.ts';
import { writeRpm } from '../../../lib/rpm/write.ts';
import { run } from '../../../lib/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/rpms', import.meta.url));
/** Cut off in the middle, as a download that broke. */
const truncated = 'rpm-testsuite/hello-2.0-1.x86_64-corrupted.rpm';
const packages = globSync('*/*.rpm', { cwd: fixtures })
  .filter((name) => name !== truncated)
  .sort();

const dependencies = [
  ['REQUIRE', rpmTag.requireName, rpmTag.requireFlags, rpmTag.requireVersion],
  ['PROVIDE', rpmTag.provideName, rpmTag.provideFlags, rpmTag.provideVersion],
  ['CONFLICT', rpmTag.conflictName, rpmTag.conflictFlags, rpmTag.conflictVersion],
  ['OBSOLETE', rpmTag.obsoleteName, rpmTag.obsoleteFlags, rpmTag.obsoleteVersion],
  ['RECOMMEND', rpmTag.recommendName, rpmTag.recommendFlags, rpmTag.recommendVersion],
  ['SUGGEST', rpmTag.suggestName, rpmTag.suggestFlags, rpmTag.suggestVersion],
] as const;

/** Older packages have MD5, all others of these SHA-256. */
function digest(hexDigits: number, data: Uint8Array): string {
  return createHash(hexDigits === 32 ? 'md5' : 'sha256')
    .update(data)
    .digest('hex');
}

/** What rpm itself reads, one array item a line. */
async function query(path: string, format: string): Promise<string[]> {
  const { stdout } = await run(['rpm', '-qp', '--nosignature', '--nodigest', '--qf', format, path]);
  return stdout.split('\n').filter((line) => line !== '');
}

for (const name of packages) {
  const path = join(fixtures, name);

  test(`readRpmHeader() reads ${name} as rpm does`, async (t) => {
    const header = await readRpmHeader(path);
    const [identity = ''] = await query(path, '%{NAME}|%{VERSION}|%{RELEASE}|%{ARCH}|%{EPOCHNUM}|%{BUILDTIME}\n');
    const own = [rpmTag.name, rpmTag.version, rpmTag.release, rpmTag.arch].map((tag) => stringTag(header, tag));
    t.is([...own, numberTag(header, rpmTag.epoch) ?? 0, numberTag(header, rpmTag.buildTime)].join('|'), identity);
    for (const [kind, names, flags, versions] of dependencies) {
      const [numbers, evrs] = [numberArrayTag(header, flags), stringArrayTag(header, versions)];
      t.deepEqual(
        stringArrayTag(header, names).map((each, index) => `${each} ${numbers[index]} ${evrs[index]}`),
        await query(path, `[%{${kind}NAME} %{${kind}FLAGS} %{${kind}VERSION}\n]`),
        kind,
      );
    }
  });

  test(`readScriptlets() finds the scriptlets of ${name} as rpm does`, async (t) => {
    const { pre, post, posttrans } = readScriptlets(await readRpmHeader(path));
    for (const [kind, scriptlet] of [
      ['PREIN', pre],
      ['POSTIN', post],
      ['POSTTRANS', posttrans],
    ] as const) {
      const { stdout } = await run(['rpm', '-qp', '--nosignature', '--nodigest', '--qf', `%{${kind}}`, path]);
      t.is(scriptlet === null || scriptlet.script === '' ? '(none)' : scriptlet.script, stdout, kind);
      const programs = await query(path, `[%{${kind}PROG}\n]`);
      if (programs.length > 0) t.deepEqual(scriptlet?.interpreter, programs, kind);
    }
  });

  test(`rpmFiles() lists the files of ${name} as rpm does`, async (t) => {
    const files = rpmFiles(await readRpmHeader(path));
    const format =
      '[%{FILENAMES}|%{FILEMODES}|%{FILEUSERNAME}|%{FILEGROUPNAME}|%{LONGFILESIZES}|%{FILEDIGESTS}|%{FILELINKTOS}|%{FILEFLAGS}|%{FILECAPS}|%{FILELANGS}\n]';
    t.deepEqual(
      files.map((file) =>
        [
          ...[file.path, file.mode, file.user, file.group],
          ...[file.size, file.digest, file.linkTarget, file.flags, file.capabilities, file.languages],
        ].join('|'),
      ),
      (await query(path, format)).map((line) => line.replaceAll('(none)', '')),
    );
  });

  test(`rpmPayload() gives the content that the header of ${name} promises`, async (t) => {
    const header = await readRpmHeader(path);
    const files = rpmFiles(header);
    const contents = new Map<string, Buffer>();
    const shared = new Map<number, string[]>();
    for await (const { file, size, content, inode, links } of rpmPayload(header, files)) {
      const data = Buffer.concat(await Array.fromAsync(content));
      t.is(data.length, size);
      contents.set(file.path, data);
      if (links > 1) shared.set(inode, [...(shared.get(inode) ?? []), file.path]);
    }
    for (const names of shared.values()) for (const each of names) contents.set(each, contents.get(names.at(-1)!)!);
    t.deepEqual(
      [...contents.keys()].sort(),
      files
        .filter((file) => !isGhost(file))
        .map((file) => file.path)
        .sort(),
    );
    for (const file of files) {
      const data = contents.get(file.path);
      if (data === undefined) continue;
      if (isSymbolicLink(file)) t.is(data.toString(), file.linkTarget);
      if (isRegularFile(file)) t.is(digest(file.digest.length, data), file.digest, file.path);
    }
  });
}

test('the fixtures hold both formats and all compressors that Node and xz decode', async (t) => {
  const found = new Set<string>();
  for (const name of packages) {
    const header = await readRpmHeader(join(fixtures, name));
    found.add(`${stringTag(header, rpmTag.payloadCompressor) ?? 'gzip'} ${numberTag(header, 5114) ?? 4}`);
  }
  for (const kind of ['gzip 4', 'gzip 6', 'xz 6', 'zstd 6']) t.true(found.has(kind), kind);
});

test('readRpmHeader() names a file that is truncated, damaged or no RPM', async (t) => {
  const folder = await temporaryFolder(t);
  const whole = await readFile(join(fixtures, packages[0]!));
  const cases: Record<string, [Uint8Array, RegExp]> = {
    'short.rpm': [whole.subarray(0, 300), /short\.rpm is not a readable RPM: it ends after 300 bytes/],
    'text.rpm': [Buffer.alloc(4096, 'text '), /text\.rpm is not a readable RPM: it does not begin as an RPM does/],
    'hole.rpm': [
      Buffer.concat([whole.subarray(0, 96), Buffer.alloc(4096)]),
      /hole\.rpm is not a readable RPM: there is no header at byte 96/,
    ],
  };
  for (const [name, [bytes, message]] of Object.entries(cases)) {
    await writeFile(join(folder, name), bytes);
    const error = await t.throwsAsync(readRpmHeader(join(folder, name)), { instanceOf: UserError, message });
    t.is(error?.code, 'rpm-unreadable');
  }
});

test('rpmPayload() names a real package that was cut off', async (t) => {
  const header = await readRpmHeader(join(fixtures, truncated));
  const read = async (): Promise<void> => {
    for await (const _ of rpmPayload(header, rpmFiles(header)));
  };
  await t.throwsAsync(read, { instanceOf: UserError, message: /-corrupted\.rpm is not a readable RPM: its payload/ });
});

test('rpmPayload() names a file whose payload is cut off', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'cut.rpm');
  await writeRpm(path, {
    name: 'cut',
    version: '1',
    release: '1',
    arch: 'noarch',
    files: [{ type: 'file', path: '/usr/share/cut', content: Buffer.alloc(200_000, 'x') }],
  });
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 60));
  const header = await readRpmHeader(path);
  const read = async (): Promise<void> => {
    for await (const _ of rpmPayload(header, rpmFiles(header)));
  };
  await t.throwsAsync(read, { instanceOf: UserError, message: /cut\.rpm is not a readable RPM: its payload/ });
});

test('rpmPayload() gives large content in pieces, and the next entry whether all of it was taken or not', async (t) => {
  const path = join(await temporaryFolder(t), 'a-1-1.noarch.rpm');
  const big = randomBytes((9 << 20) + 1); // more than is unpacked at once, taken together
  await writeRpm(path, {
    ...{ name: 'a', version: '1', release: '1', arch: 'noarch' },
    files: ['/a', '/b', '/c', '/d'].map((each) => ({ type: 'file', path: each, content: big })),
  });
  const header = await readRpmHeader(path);
  const taken: string[] = [];
  for await (const { file, content } of rpmPayload(header, rpmFiles(header))) {
    taken.push(file.path);
    if (file.path === '/a') continue;
    const pieces: Buffer[] = [];
    for await (const piece of content) {
      pieces.push(piece);
      t.true(piece.length <= 1 << 20);
      if (file.path === '/b') break;
    }
    if (file.path !== '/b') t.true(Buffer.concat(pieces).equals(big), file.path);
  }
  t.deepEqual(taken, ['/a', '/b', '/c', '/d']);
});

test('rpmPayload() keeps content until the next entry is asked for, however long that takes', async (t) => {
  const path = join(await temporaryFolder(t), 'a-1-1.noarch.rpm');
  const contents = [randomBytes(100_000), randomBytes(100_000)];
  await writeRpm(path, {
    ...{ name: 'a', version: '1', release: '1', arch: 'noarch' },
    files: contents.map((content, index) => ({ type: 'file', path: `/${index}`, content })),
  });
  const header = await readRpmHeader(path);
  let index = 0;
  for await (const { content } of rpmPayload(header, rpmFiles(header))) {
    await sleep(1);
    const pieces: Buffer[] = [];
    for await (const piece of content) {
      await sleep(1);
      pieces.push(piece);
    }
    await sleep(1);
    t.true(Buffer.concat(pieces).equals(contents[index++]!));
  }
  t.is(index, 2);
});

test('rpmPayload() keeps no file open when nobody wants the rest', async (t) => {
  const path = join(await temporaryFolder(t), 'a-1-1.noarch.rpm');
  const content = (): Uint8Array => randomBytes(20 << 20); // more than is unpacked at once
  await writeRpm(path, {
    ...{ name: 'a', version: '1', release: '1', arch: 'noarch' },
    files: [
      { type: 'file', path: '/a', content: 'first' },
      { type: 'file', path: '/b', content: content() },
      { type: 'file', path: '/c', content: content() },
    ],
  });
  const header = await readRpmHeader(path);
  for await (const { file } of rpmPayload(header, rpmFiles(header))) {
    t.is(file.path, '/a');
    break;
  }
  // Closing is the thread pool's work.
  for (let tries = 0; openFiles().includes(path) && tries < 500; tries++) await sleep(10);
  t.false(openFiles().includes(path));
});

/** What the descriptors of this process stand for. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return []; // that of the listing itself
    }
  });
}
