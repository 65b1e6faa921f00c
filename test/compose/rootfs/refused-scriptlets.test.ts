import test from 'ava';
import { UserError } from '../../../lib/errors.ts';
import { fileIn, listing, miniDistribution } from '../mini-distribution.ts';

test('a scriptlet listed with a reason may fail or lack its interpreter: its failure is a warning, the rest runs', async (t) => {
  const [post, reason] = [{ script: 'echo a > /usr/lib/a; echo broken; exit 7' }, 'it asks a running system'];
  const mini = await miniDistribution(
    t,
    [
      { name: 'bad', scriptlets: { post, posttrans: { script: 'echo b > /usr/lib/b' } } },
      {
        name: 'perl',
        provides: [{ name: '/usr/bin/perl' }],
        scriptlets: { post: { script: 'print 1', interpreter: ['/usr/bin/perl'] } },
      },
    ],
    {
      'ignore-scriptlets': [
        { package: 'bad', scriptlet: 'post', reason },
        { package: 'perl', scriptlet: 'post', reason: 'it only prints' },
      ],
    },
  );
  const composed = await mini.compose();
  t.is(await fileIn(composed, '/usr/lib/a'), 'a\n');
  t.is(await fileIn(composed, '/usr/lib/b'), 'b\n');
  t.deepEqual(
    composed.events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    [
      `the %post of bad-1-1.noarch failed with exit status 7:\n    broken\n  ignored: ${reason}`,
      'the %post of perl-1-1.noarch failed with exit status 1:\n    bwrap: execvp /usr/bin/perl: No such file or directory\n  ignored: it only prints',
    ],
  );
  const others = [{ package: 'bad', scriptlet: 'posttrans', reason: 'another scriptlet' }];
  await mini.treefile({ 'ignore-scriptlets': others });
  t.like(await t.throwsAsync(mini.compose()), { code: 'scriptlet-failed' });
});

test('a scriptlet listed with run: false is left out, and that is said', async (t) => {
  const entry = { package: 'kernel', scriptlet: 'posttrans', reason: 'it would make an initramfs', run: false };
  const mini = await miniDistribution(
    t,
    [{ name: 'kernel', scriptlets: { post: { script: 'echo a > /usr/lib/a' }, posttrans: { script: 'exit 7' } } }],
    { 'ignore-scriptlets': [entry] },
  );
  const composed = await mini.compose();
  t.is(await fileIn(composed, '/usr/lib/a'), 'a\n');
  const told = composed.events.flatMap((event) =>
    event.type === 'warning' || event.type === 'info' ? [event.message] : [],
  );
  t.deepEqual(told, ['the %posttrans of kernel-1-1.noarch is not run: it would make an initramfs']);
});

test('a %triggerprein that is due is refused by name, unless it is listed; one that is not due does not matter', async (t) => {
  const script = 'echo never > /usr/lib/never';
  const due = { kind: 'triggerprein', packages: [{ name: 'base', comparison: '<', version: '2' }], script } as const;
  const other = { kind: 'triggerprein', packages: [{ name: 'base', comparison: '>', version: '2' }], script } as const;
  const mini = await miniDistribution(t, [
    { name: 'other', triggers: [other] },
    { name: 'owner', triggers: [due] },
  ]);
  t.like(await t.throwsAsync(mini.compose(), { instanceOf: UserError }), {
    code: 'scriptlet-unsupported',
    message: 'the %triggerprein of owner-1-1.noarch on base cannot be run',
  });
  await mini.treefile({
    'ignore-scriptlets': [{ package: 'owner', scriptlet: 'triggerprein', reason: 'it moves a folder of version 1' }],
  });
  t.false((await listing(await mini.compose())).some((line) => line.includes('never')));
});
