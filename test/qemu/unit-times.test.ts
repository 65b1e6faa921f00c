import test from 'ava';
import { isLasting, startDurationMs } from '../../qemu/unit-times.ts';

test('startDurationMs() gives the time until a unit was ready, and none while it is starting', (t) => {
  t.is(startDurationMs({ unit: 'sshd.service', startedAtUs: 9_000_000, readyAtUs: 9_300_400 }), 300);
  t.is(startDurationMs({ unit: 'sysinit.target', startedAtUs: 5_000_000, readyAtUs: 5_000_000 }), 0);
  t.is(startDurationMs({ unit: 'hung.service', startedAtUs: 4_000_000, readyAtUs: 0 }), null);
});

test('isLasting() leaves out units that come and go', (t) => {
  const names = ['sshd.service', '-.mount', 'dev-vda.device', 'user.slice', 'session-1.scope', 'sysinit.target'];
  t.deepEqual(
    names.filter((unit) => isLasting({ unit })),
    ['sshd.service', '-.mount', 'sysinit.target'],
  );
});
