import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { bootTimes, formatJournalEntry, type GuestVerdict, listenForVerdicts } from '../../qemu/verdict.ts';

const beginning = `{"type":"started","bootId":"b1","uptimeSeconds":12}
{"type":"jobs"}
Job=slow.service start running
Job=after.target start waiting
`;
const facts = [
  { type: 'time', name: 'UserspaceTimestampMonotonic', microseconds: 9_000_000 },
  { type: 'state', state: 'degraded', failed: [{ unit: 'a.service', load: 'loaded', description: 'A thing' }] },
  { __MONOTONIC_TIMESTAMP: '1500000', MESSAGE: 'hello', SYSLOG_IDENTIFIER: 'sshd', _PID: '7', PRIORITY: '3' },
  { __MONOTONIC_TIMESTAMP: '1600000', MESSAGE: [104, 105], _TRANSPORT: 'kernel' },
  {
    __MONOTONIC_TIMESTAMP: '7963734',
    MESSAGE:
      'Unknown kernel command line parameters "ostree=/ostree/boot.1/a/b/0 consol=ttyS0", will be passed to user space.',
    _TRANSPORT: 'kernel',
  },
  { type: 'kernel', tainted: 512 },
  { type: 'socket', protocol: 'tcp', local: '00000000:0016' },
  { type: 'place', path: '/var', device: '/dev/vda3', writable: true, freeKiB: 2047 },
  { type: 'clock', epochSeconds: 1030 },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join('');

/** As `systemctl show '*'` writes them. */
const unitProperties = `Id=dev-disk-by\\x2dlabel-root.device
InactiveExitTimestampMonotonic=5000000
ActiveEnterTimestampMonotonic=5000000

Id=rescue.service
InactiveExitTimestampMonotonic=0
ActiveEnterTimestampMonotonic=0

Id=bad.service
InactiveExitTimestampMonotonic=7000000
ActiveEnterTimestampMonotonic=0
InactiveEnterTimestampMonotonic=7500000

Id=hung.service
InactiveExitTimestampMonotonic=8000000
ActiveEnterTimestampMonotonic=0
InactiveEnterTimestampMonotonic=0
`;
const leftJobs = '{"type":"jobs"}\nJob=stuck.service start running\n';
const wholeBoot = `${beginning}${leftJobs}${unitProperties}${facts}{"type":"end"}\n`;

test('listenForVerdicts() gives the verdict when its last line has come', async (t) => {
  const stream = new PassThrough();
  const port = listenForVerdicts(
    stream,
    () => 20_000,
    () => 1_000_500,
  );
  const next = port.next(0, new AbortController().signal);
  stream.write(beginning);
  await turn();
  t.is(port.startedBootId(), 'b1');
  t.deepEqual(port.waitingFor(), ['slow.service']);
  stream.write(wholeBoot.slice(beginning.length));
  const verdict = await next;
  t.is(verdict.state, 'degraded');
  t.is(verdict.kernelStartedAtMs, 8_000);
  t.deepEqual(verdict.failedUnits, [{ unit: 'a.service', description: 'A thing' }]);
  t.deepEqual(verdict.facts, {
    leftJobs: [{ unit: 'stuck.service', type: 'start', state: 'running' }],
    tainted: 512,
    sockets: [{ protocol: 'tcp', local: '00000000:0016' }],
    clockAheadSeconds: 30,
    places: [{ path: '/var', device: '/dev/vda3', writable: true, freeMiB: 1 }],
    unknownArguments: ['ostree=/ostree/boot.1/a/b/0', 'consol=ttyS0'],
  });
  t.deepEqual(verdict.units, [
    { unit: 'dev-disk-by\\x2dlabel-root.device', startedAtUs: 5_000_000, readyAtUs: 5_000_000 },
    { unit: 'bad.service', startedAtUs: 7_000_000, readyAtUs: 7_500_000 },
    { unit: 'hung.service', startedAtUs: 8_000_000, readyAtUs: 0 },
  ]);
  t.deepEqual(verdict.journal.slice(0, 2).map(formatJournalEntry), [
    '[    1.500000] sshd[7]: hello',
    '[    1.600000] kernel: hi',
  ]);
});

test('listenForVerdicts() starts anew after a boot that was cut off in the middle of a line', async (t) => {
  const stream = new PassThrough();
  const port = listenForVerdicts(stream);
  stream.write('{"type":"started","bootId":"b0","uptimeSeconds":1}\n{"type":"sta');
  stream.write(`\n${wholeBoot}`);
  const verdict = await port.next(0, new AbortController().signal);
  t.is(verdict.bootId, 'b1');
  t.is(port.verdicts.length, 1);
});

test('a verdict unit that is restarted is no new boot', async (t) => {
  const stream = new PassThrough();
  const port = listenForVerdicts(stream);
  stream.write(wholeBoot.repeat(2));
  await turn();
  t.is(port.verdicts.length, 1);
  const next = port.next(1, new AbortController().signal);
  stream.write(wholeBoot.replace('"b1"', '"b2"'));
  t.is((await next).bootId, 'b2');
});

test('next() of a verdict port rejects when the signal fires', async (t) => {
  const controller = new AbortController();
  const next = listenForVerdicts(new PassThrough()).next(0, controller.signal);
  controller.abort(new Error('enough'));
  await t.throwsAsync(next, { message: 'enough' });
});

const verdict: GuestVerdict = {
  bootId: 'b',
  state: 'running',
  failedUnits: [],
  kernelStartedAtMs: 5_000,
  timestampsUs: new Map([
    ['InitRDTimestampMonotonic', 4_000_000],
    ['UserspaceTimestampMonotonic', 16_000_000],
    ['FinishTimestampMonotonic', 30_000_000],
  ]),
  units: [],
  journal: [],
  facts: { leftJobs: [], tainted: 0, sockets: [], clockAheadSeconds: null, places: [], unknownArguments: [] },
};

test('bootTimes() splits the time from power-on to the end of the boot', (t) => {
  t.deepEqual(bootTimes(verdict, 1_000, 500), {
    firmware: 500,
    loader: 3_500,
    kernel: 4_000,
    initrd: 12_000,
    userspace: 14_000,
    total: 34_000,
  });
});

test('bootTimes() gives the firmware all the time before the kernel when no loader spoke', (t) => {
  const times = bootTimes(
    { ...verdict, timestampsUs: new Map([['UserspaceTimestampMonotonic', 2_000_000]]) },
    1_000,
    null,
  );
  t.deepEqual(times, { firmware: 4_000, loader: null, kernel: 2_000, initrd: null, userspace: null, total: null });
});
