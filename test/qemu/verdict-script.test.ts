// The script that runs in the guest, here with programs that answer as a guest's do.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from '../../lib/run.ts';
import { listenForVerdicts } from '../../qemu/verdict.ts';
import { temporaryFolder } from '../support/temporary.ts';

const script = fileURLToPath(new URL('../../qemu/guest/verdict.sh', import.meta.url));

const systemctl = `#!/bin/sh
case $1 in
is-system-running) echo degraded; exit 1 ;;
show)
    [ "$2" = '*' ] || exec echo FinishTimestampMonotonic=5000000
    printf 'Id=bad.service\nInactiveExitTimestampMonotonic=7000000\nActiveEnterTimestampMonotonic=0\n' ;;
list-jobs) echo "  7 dev-disk-by\\\\x2dlabel-a.device start running" ;;
list-units) echo '[{"unit":"bad.service","description":"Bad"}]' ;;
esac
`;

test('verdict.sh says state, failed units, left jobs, open ports, taints and the clock', async (t) => {
  const folder = await temporaryFolder(t);
  // A real `sleep 10` would outlive the script and hold its output open.
  const silent = '#!/bin/sh\n';
  const programs = { systemctl, udevadm: silent, journalctl: silent, sleep: '#!/bin/sh\nexec /bin/sleep 0.2\n' };
  for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text, { mode: 0o755 });
  const port = join(folder, 'port');
  await writeFile(port, '');
  await run(['sh', script, port], { env: { PATH: `${folder}:${process.env.PATH}` } });

  const stream = new PassThrough();
  const verdicts = listenForVerdicts(stream);
  stream.end(await readFile(port));
  const verdict = await verdicts.next(0, AbortSignal.timeout(5_000));
  t.is(verdict.state, 'degraded');
  t.deepEqual(verdict.failedUnits, [{ unit: 'bad.service', description: 'Bad' }]);
  t.deepEqual(verdict.facts.leftJobs, [{ unit: 'dev-disk-by\\x2dlabel-a.device', type: 'start', state: 'running' }]);
  t.deepEqual(verdict.units, [{ unit: 'bad.service', startedAtUs: 7_000_000, readyAtUs: 0 }]);
  t.deepEqual(
    verdict.facts.places.map(({ path }) => path),
    ['/boot', '/etc', '/var'],
  );
  t.true(verdict.facts.places.every(({ device, freeMiB }) => device !== '' && freeMiB >= 0));
  t.is(verdict.timestampsUs.get('FinishTimestampMonotonic'), 5_000_000);
  t.true(Math.abs(verdict.facts.clockAheadSeconds!) <= 5);
  t.true(verdict.facts.sockets.every(({ local }) => /^[0-9A-F]+:[0-9A-F]{4}$/.test(local)));
});
