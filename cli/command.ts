// What a command is: a declaration of its arguments and one function that does the work and gives a result. A command never prints;
// the frame shows progress on stderr and the result on stdout, as text or (--json) as the document.

import type { ArgumentsCamelCase, InferredOptionTypes, Options } from 'yargs';
import type { Events } from '../lib/events.ts';

export type OptionTable = Readonly<Record<string, Options>>;

export interface CommandResult {
  /** What `--json` prints: any JSON value, by custom a document with `kind` and `version`. */
  readonly document: unknown;
  /** What is printed otherwise, without a final newline; empty prints nothing. */
  readonly text: string;
  /** What is wrong although there is a result; printed on stderr, also without a final newline. With `--json` the document says it. */
  readonly complaint?: string;
  /** Default 0. 1 when the work was done and the verdict is bad, e.g. a boot test that failed. */
  readonly exitCode?: number;
}

export interface CommandTools {
  /** Emit steps, warnings and progress here; the frame's view shows them on stderr. */
  readonly events: Events;
  /** Fires on the first Ctrl-C, SIGTERM or SIGHUP; the command ends with Cancelled and leaves nothing running. */
  readonly signal: AbortSignal;
  /** Whether `--json` was given: such a command must not use the terminal for anything else. */
  readonly json: boolean;
}

/** The arguments of a command as its `run` gets them: by their written and by their camelCase names. */
export type CommandArguments<Positionals extends OptionTable, Named extends OptionTable> = ArgumentsCamelCase<
  InferredOptionTypes<Positionals> & InferredOptionTypes<Named>
>;

/** A command whose argument types were erased, as the frame handles it. */
export interface Command {
  readonly positionals: OptionTable;
  readonly options: OptionTable;
  /** Positional -> words that the shell offers for it; unlike `choices`, other words are fine too. */
  readonly suggestions: Readonly<Record<string, () => readonly string[]>>;
  /** Command line without the leading `slipway`, and what it does. */
  readonly examples: readonly (readonly [commandLine: string, explanation: string])[];
  run(argv: unknown, tools: CommandTools): Promise<CommandResult | undefined>;
}

/**
 * Declares a command. Its name, usage and one-line description stand in the table of `cli/commands.ts`.
 *
 *     export const command = defineCommand({
 *       positionals: { treefile: { type: 'string', describe: 'The treefile', demandOption: true } },
 *       options: { repo: { type: 'string', describe: 'The OSTree repository', demandOption: true } },
 *       examples: [['compose tree host.yaml --repo repo', 'Compose host.yaml into ./repo']],
 *       async run({ treefile, repo }, { events, signal }) {
 *         const result = await composeTree({ treefileFile: treefile, repo }, { events, signal });
 *         return { document: result, text: `commit ${result.checksum}` };
 *       },
 *     });
 *
 * `run` gives undefined when it spoke to the terminal itself (an interactive command).
 */
export function defineCommand<const Positionals extends OptionTable, const Named extends OptionTable>(declaration: {
  readonly positionals?: Positionals;
  readonly options?: Named;
  readonly suggestions?: { readonly [Name in keyof Positionals]?: () => readonly string[] };
  readonly examples: Command['examples'];
  readonly run: (argv: CommandArguments<Positionals, Named>, tools: CommandTools) => Promise<CommandResult | undefined>;
}): Command {
  return {
    positionals: declaration.positionals ?? {},
    options: declaration.options ?? {},
    suggestions: (declaration.suggestions ?? {}) as Command['suggestions'],
    examples: declaration.examples,
    // yargs has checked the arguments against this very declaration.
    run: (argv, tools) => declaration.run(argv as CommandArguments<Positionals, Named>, tools),
  };
}
