// The program /usr/bin/slipway of a host: one command per run, the daemon among them. The only place that catches errors and sets the exit status.

import { ToolError, UserError } from '../lib/errors.ts';
import type { AgentEvent } from './agent/events.ts';
import { armBootCounter } from './boot/boot-counter.ts';
import { markBootGood } from './boot/boot-success.ts';
import { runHealthChecks } from './boot/health.ts';
import { type HostCommand, helpText, parseHostArguments } from './cli/arguments.ts';
import { requestOperation, requestStatus } from './cli/client.ts';
import { resultText, stateText, statusText } from './cli/view.ts';
import { loadSettings } from './config.ts';
import { runDaemon } from './daemon.ts';
import { hostPaths } from './paths.ts';

// SLIPWAY_HOST_ROOT stands for / in tests.
const paths = hostPaths(process.env.SLIPWAY_HOST_ROOT);

try {
  process.exitCode = await runHostCommand(parseHostArguments(process.argv.slice(2)));
} catch (error) {
  process.exitCode = reportError(error);
}

async function runHostCommand(command: HostCommand): Promise<number> {
  switch (command.name) {
    case 'help':
      console.log(helpText);
      return 0;
    case 'status': {
      const status = await requestStatus(paths.socket);
      console.log(command.json ? JSON.stringify(status, null, 2) : statusText(status));
      return 0;
    }
    case 'upgrade': {
      const { check, force, reboot } = command;
      return await operate(command, '/v1/upgrade', { check, force, reboot });
    }
    case 'rollback':
      return await operate(command, '/v1/rollback', { reboot: command.reboot });
    case 'daemon':
      await runDaemon(paths, terminationSignal());
      return 0;
    case 'boot-arm':
      console.log(
        (await armBootCounter(paths.bootEnvironment)) ? 'the boot counter is armed' : 'this host has no boot counter',
      );
      return 0;
    case 'boot-success':
      return await bootSuccess();
    case 'health':
      return await health();
  }
}

async function operate(
  { json, reboot }: { readonly json: boolean; readonly reboot: boolean },
  path: '/v1/upgrade' | '/v1/rollback',
  flags: Readonly<Record<string, boolean>>,
): Promise<number> {
  const result = await requestOperation(paths.socket, path, flags, json ? () => {} : printProgress);
  console.log(json ? JSON.stringify(result, null, 2) : resultText(result, reboot));
  return 0;
}

function printProgress(event: AgentEvent): void {
  if (event.type === 'state') console.error(stateText[event.state]);
  else if (event.type === 'output') console.error(`  ${event.line}`);
}

async function bootSuccess(): Promise<number> {
  const verdict = await markBootGood(paths);
  if (verdict === undefined) console.log('this boot was judged before');
  else if (verdict.outcome === 'fell-back') {
    console.log(
      `version ${verdict.failed.version} (${verdict.failed.checksum}) did not start; the booted deployment is the default again`,
    );
  } else console.log(`this boot is ${verdict.outcome}`);
  return 0;
}

async function health(): Promise<number> {
  const { settings } = await loadSettings(paths.configFolders);
  const report = await runHealthChecks(paths, settings.healthCheckTimeoutSeconds * 1000);
  for (const check of report.checks)
    console.log(`${check.healthy ? 'healthy' : 'FAILED'}: ${check.file} ${check.message}`.trimEnd());
  if (report.rebooting) console.log('this boot is on trial: rebooting');
  return report.healthy ? 0 : 1;
}

function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function reportError(error: unknown): number {
  if (error instanceof UserError) {
    if (process.argv.includes('--json')) {
      const { code, message, hint } = error;
      console.log(JSON.stringify({ error: { code, message, hint } }, null, 2));
    }
    console.error(`error: ${error.message}${error.hint === '' ? '' : `\nhint: ${error.hint}`}`);
    return error.code === 'usage' ? 2 : 1;
  }
  if (error instanceof ToolError) {
    console.error(`error: ${error.message}\n${error.output}\ncommand: ${error.command}`);
    return 1;
  }
  console.error(error);
  return 70;
}
