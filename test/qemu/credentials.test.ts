import test from 'ava';
import { guestUnitCredentials, sshKeyCredential, stuckAfterCredential } from '../../qemu/credentials.ts';

test('sshKeyCredential() replaces keys only in a throw-away overlay', (t) => {
  const lines = (replace: boolean) => sshKeyCredential('ssh-ed25519 AAAA me\n', replace).content.split('\n');
  t.deepEqual(lines(true), [
    'd /var/roothome 0700 root root -',
    'd /var/roothome/.ssh 0700 root root -',
    'f+~ /var/roothome/.ssh/authorized_keys 0600 root root - c3NoLWVkMjU1MTkgQUFBQSBtZQo=',
    '',
  ]);
  t.regex(lines(false)[2]!, /^f~ /);
});

test('stuckAfterCredential() tells the guest what it does not know', (t) => {
  t.deepEqual(stuckAfterCredential(120), []);
  t.deepEqual(stuckAfterCredential(600), [{ name: 'slipway.stuck-after', content: '600\n' }]);
});

test('guestUnitCredentials() fit into what SMBIOS carries', (t) => {
  // The table of all strings is limited to 64 KiB; base64 takes a third more.
  const size = guestUnitCredentials().reduce((sum, { content }) => sum + content.length, 0);
  t.true(size < 16_384, `${size} bytes`);
});
