import test from 'ava';
import type { OperationResult } from '../../host-agent/agent/events.ts';
import { hostStatus } from '../../host-agent/agent/status.ts';
import { type HostCommand, parseHostArguments } from '../../host-agent/cli/arguments.ts';
import { resultText, statusText } from '../../host-agent/cli/view.ts';
import { parseDeployments } from '../../host-agent/ostree/deployments.ts';
import { version1, version2 } from '../support/host-agent.ts';

const good: [string, HostCommand][] = [
  ['', { name: 'help' }],
  ['host', { name: 'help' }],
  ['host upgrade --help', { name: 'help' }],
  ['host status', { name: 'status', json: false }],
  ['host status --json', { name: 'status', json: true }],
  ['host upgrade', { name: 'upgrade', json: false, check: false, force: false, reboot: false }],
  ['host --reboot upgrade --force', { name: 'upgrade', json: false, check: false, force: true, reboot: true }],
  ['host rollback --reboot', { name: 'rollback', json: false, reboot: true }],
  ['host daemon', { name: 'daemon' }],
];
for (const [line, command] of good) {
  test(`parseHostArguments() takes "slipway ${line}"`, (t) => {
    t.deepEqual(parseHostArguments(line.split(' ').filter((word) => word !== '')), command);
  });
}

const bad: [string, string, string][] = [
  ['compose tree', 'there is no command "compose" on a host', 'all commands begin with `slipway host`'],
  ['host upgrad', 'there is no command "host upgrad"', 'did you mean "slipway host upgrade"?'],
  ['host status --jsn', 'slipway host status has no option --jsn', 'did you mean --json?'],
  ['host status --reboot', 'slipway host status has no option --reboot', '`slipway host --help` lists the commands'],
  ['host upgrade --check=yes', 'slipway host upgrade has no option --check', 'did you mean --check?'],
  ['host rollback 2', 'slipway host rollback does not take "2"', '`slipway host --help` lists the commands'],
];
for (const [line, message, hint] of bad) {
  test(`parseHostArguments() refuses "slipway ${line}"`, (t) => {
    t.like(
      t.throws(() => parseHostArguments(line.split(' '))),
      { message, hint, code: 'usage' },
    );
  });
}

test('statusText() shows deployments, boot counter, fallback, failures and what the update fixes', (t) => {
  const advisories = (['critical', 'low', 'low', 'none'] as const).map((severity, index) => ({
    ...{ id: `A-${index}`, severity, packages: [], cveReferences: [] },
  }));
  const deployments = parseDeployments(
    `* debian ${version1}.0\n    Version: 1\n    origin refspec: debian:host\n  debian ${version2}.0 (rollback)\n    Pinned: yes\n`,
  );
  const status = hostStatus({
    deployments,
    commits: new Map([[version1, { checksum: version1, version: '1', timestamp: 1_767_225_600 }]]),
    state: 'failed',
    operation: null,
    newest: { checksum: version2, version: null, timestamp: null, advisories },
    lastFailure: { code: 'tool', message: 'ostree failed', hint: '', at: '2026-01-04T00:00:00.000Z' },
    bootCounter: { supported: true, triesLeft: 2 },
    boot: 'fell-back',
    failedDeployments: [{ checksum: version2, version: '2', failedAt: '2026-01-03T00:00:00.000Z' }],
  });
  t.is(
    statusText(status),
    `State: the last operation failed
Boot counter: armed, 2 tries left
Last boot: the default deployment did not start; fell back to this one
Newest version: commit 048684041c69
Fixes: 4 security advisories (1 critical, 2 low, 1 of unknown severity)
Did not start: version 2, at 2026-01-03T00:00:00.000Z
Last failure: ostree failed (2026-01-04T00:00:00.000Z)
Deployments:
● debian:host
           Version: 1 (2026-01-01T00:00:00Z)
            Commit: ${version1}
  debian
           Version: -
            Commit: ${version2}
            Pinned: yes`,
  );
});

const results: [OperationResult['outcome'], boolean, string][] = [
  ['up-to-date', false, 'version 2 is the newest'],
  ['update-available', false, 'version 2 is available; `slipway host upgrade` installs it'],
  ['staged', false, 'version 2 is installed; reboot to start it'],
  ['staged', true, 'version 2 is installed; rebooting now'],
  ['already-staged', false, 'version 2 was installed before; reboot to start it'],
  ['rolled-back', true, 'version 2 is the default again; rebooting now'],
  ['rollback-undone', true, 'the rollback is undone; version 2 stays the default'],
  ['staged-dropped', false, 'the waiting upgrade is dropped; version 2 stays the default'],
];
for (const [outcome, rebooting, text] of results) {
  test(`resultText() of ${outcome}${rebooting ? ' with --reboot' : ''}`, (t) => {
    t.is(resultText({ outcome, checksum: version2, version: '2', refused: false }, rebooting), text);
  });
}

test('resultText() warns of an update that did not start here before', (t) => {
  const result = { outcome: 'update-available', checksum: version2, version: '2', refused: true } as const;
  t.regex(resultText(result, false), /did not start on this host before; `slipway host upgrade --force`/);
});
