// The command line of /usr/bin/slipway in the host: words -> command, pure.

import { parseArgs } from 'node:util';
import { UserError } from '../../lib/errors.ts';
import { nearestNames } from '../../lib/near-miss.ts';

export type HostCommand =
  | { readonly name: 'help' }
  | { readonly name: 'status'; readonly json: boolean }
  | {
      readonly name: 'upgrade';
      readonly json: boolean;
      readonly check: boolean;
      readonly force: boolean;
      readonly reboot: boolean;
    }
  | { readonly name: 'rollback'; readonly json: boolean; readonly reboot: boolean }
  /** The services of the agent; not meant to be called by people. */
  | { readonly name: 'daemon' | 'boot-arm' | 'boot-success' | 'health' };

export const helpText = `slipway host <command> [options]

Commands:
  status     Show the deployments, the boot counter and the last failure
  upgrade    Install the newest version beside the running one, for the next boot
  rollback   Go back to the previous deployment at the next boot; drops an upgrade that waits

Options:
  --check    upgrade: only say whether there is a newer version
  --force    upgrade: also install a version that failed to start on this host
  --reboot   upgrade, rollback: reboot at once when there is something to start
  --json     Print the result as JSON
  --help     Show this text

Examples:
  slipway host status --json | jq .deployments[0].version
  slipway host upgrade --reboot`;

const flagsOf = {
  status: ['json'],
  upgrade: ['json', 'check', 'force', 'reboot'],
  rollback: ['json', 'reboot'],
  daemon: [],
  'boot-arm': [],
  'boot-success': [],
  health: [],
} as const;

type CommandName = keyof typeof flagsOf;

/**
 * Parses the words behind the program's name.
 * @throws UserError `usage`
 */
export function parseHostArguments(words: readonly string[]): HostCommand {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help === true || words.length === 0) return { name: 'help' };
  const [group, name, ...rest] = positionals;
  if (group !== 'host')
    throw usage(
      `there is no command "${group ?? words.join(' ')}" on a host`,
      'all commands begin with `slipway host`',
    );
  if (name === undefined) return { name: 'help' };
  if (!isCommandName(name)) {
    const [nearest] = nearestNames(name, Object.keys(flagsOf));
    throw usage(
      `there is no command "host ${name}"`,
      nearest === undefined ? undefined : `did you mean "slipway host ${nearest}"?`,
    );
  }
  if (rest.length > 0) throw usage(`slipway host ${name} does not take "${rest.join(' ')}"`);
  const known: readonly string[] = flagsOf[name];
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!known.includes(token.name) || token.value !== undefined) throw unknownOption(name, token.rawName, known);
    given.add(token.name);
  }
  const json = given.has('json');
  const reboot = given.has('reboot');
  if (name === 'status') return { name, json };
  if (name === 'upgrade') return { name, json, reboot, check: given.has('check'), force: given.has('force') };
  if (name === 'rollback') return { name, json, reboot };
  return { name };
}

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(flagsOf, name);
}

function unknownOption(command: string, written: string, known: readonly string[]): UserError {
  const [nearest] = nearestNames(written.replace(/^-+/, ''), known);
  return usage(
    `slipway host ${command} has no option ${written}`,
    nearest === undefined ? undefined : `did you mean --${nearest}?`,
  );
}

function usage(message: string, hint = '`slipway host --help` lists the commands'): UserError {
  return new UserError('usage', message, { hint });
}
