// Options that choose tests, shared by `slipway test list`, `run` and `watch`.

import { discoverTests, type ExternalTest } from '../../../qemu/suite/external/discover.ts';
import { parseShard, selectTests } from '../../../qemu/suite/select.ts';
import { testsThatFailed } from '../../../qemu/suite/write-reports.ts';
import type { OptionTable } from '../../command.ts';

export const defaultTestFolder = 'tests/kola';

export const selectionOptions = {
  tests: { type: 'string', default: defaultTestFolder, describe: 'Folder with the tests', requiresArg: true },
  only: {
    type: 'string',
    array: true,
    default: [],
    describe: 'Tests of this name; * stands for anything; may be repeated',
    requiresArg: true,
  },
  tag: {
    type: 'string',
    array: true,
    default: [],
    describe: 'Tests with this tag; may be repeated',
    requiresArg: true,
  },
  shard: { type: 'string', describe: 'A part of the tests: 2/3 is the second of three', requiresArg: true },
} as const satisfies OptionTable;

export interface SelectionArguments {
  readonly tests: string;
  readonly only: readonly unknown[];
  readonly tag: readonly unknown[];
  readonly shard?: string | undefined;
}

/** @param failedIn folder of the last report, when only the tests that failed in it are asked for */
export async function selectionOf(
  argv: SelectionArguments,
  failedIn: string | null,
): Promise<(tests: readonly ExternalTest[]) => ExternalTest[]> {
  const selection = {
    patterns: argv.only.map(String),
    tags: argv.tag.map(String),
    shard: argv.shard === undefined ? null : parseShard(argv.shard),
    only: failedIn === null ? null : await testsThatFailed(failedIn),
  };
  return (tests) => selectTests(tests, selection);
}

/** Whether the command line asks for a part of the tests. */
export function choosesSome({ only, tag, shard }: SelectionArguments): boolean {
  return only.length > 0 || tag.length > 0 || shard !== undefined;
}

/** The tests that the command line chooses. */
export async function selectedTests(argv: SelectionArguments, failedIn: string | null): Promise<ExternalTest[]> {
  const select = await selectionOf(argv, failedIn);
  return select(await discoverTests(argv.tests));
}
