import { join } from 'node:path';
import test from 'ava';
import { type DemoReport, formatDemo } from '../../cli/commands/demo.ts';
import { repoFile, writeHostTreefile } from '../../cli/demo/host-treefile.ts';
import { loadTreefile } from '../../compose/treefile/load.ts';
import { slipway } from '../support/slipway.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('writeHostTreefile() writes a treefile that loads and names its repository', async (t) => {
  const folder = await temporaryFolder(t);
  const { treefile, warnings } = await loadTreefile(await writeHostTreefile(folder, '/rpms with space'));
  t.deepEqual(warnings, []);
  t.is(treefile.ref, `demo/${treefile.basearch}/container-host`);
  t.deepEqual(treefile.repos, ['sample']);
  t.deepEqual(treefile.repoFiles, [join(folder, 'sample.repo')]);
});

test('repoFile() gives the repository as a URL', (t) => {
  t.regex(repoFile('/rpms with space'), /^baseurl=file:\/\/\/rpms%20with%20space$/m);
});

test('slipway demo --rpms refuses a folder without packages before anything is made', async (t) => {
  const folder = await temporaryFolder(t);
  const { stderr, exitCode } = await slipway(['demo', '--rpms', folder, '--output', join(folder, 'out')]);
  t.is(exitCode, 1);
  t.regex(stderr, /is no RPM repository: it has no repodata\/repomd\.xml\nhint: copy the folder sample\/trixie/);
});

function report(changes: { passed: boolean }): DemoReport {
  const boot = {
    firmware: 'bios',
    passed: changes.passed,
    checks: [
      { name: 'the boot completes', failure: null },
      { name: 'no unit failed', failure: changes.passed ? null : 'ssh.service' },
    ],
    state: 'running',
    failedUnits: [],
    times: { total: 31_000 },
  };
  return {
    kind: 'demo',
    version: 1,
    folder: '/home/me/out/demo',
    durationMs: 90_000,
    compose: { checksum: 'abc', ref: 'demo/x86_64/container-host', packages: 233, changed: true },
    images: { images: [{ file: 'image.raw', allocatedSize: 512 * 1024 ** 2 }] },
    boot: { passed: changes.passed, boots: [boot] },
  } as unknown as DemoReport;
}

test('formatDemo() says what was made, the verdict and what to do next', (t) => {
  const lines = formatDemo(report({ passed: true }), '/home/me').split('\n');
  t.deepEqual(lines.slice(0, 5), [
    'commit  abc',
    '        demo/x86_64/container-host, 233 packages',
    'images  image.raw (512 MiB) in out/demo/images',
    'boot    bios passed in 31.0 s: running, 0 failed units',
    'The host boots (90.0 s in all)',
  ]);
  t.regex(lines.join('\n'), /\.\/slipway qemu run out\/demo\/images\/image\.qcow2 /);
});

test('formatDemo() names what failed, and gives the whole path outside of the current folder', (t) => {
  const text = formatDemo(report({ passed: false }), '/elsewhere');
  t.regex(text, /^boot {4}bios failed: no unit failed: ssh\.service$/m);
  t.regex(text, /^The host does not boot as it should/m);
  t.regex(text, / in \/home\/me\/out\/demo\/images$/m);
});
