import test from 'ava';
import fc from 'fast-check';
import type { Command, OptionTable } from '../../cli/command.ts';
import { type CommandGroup, type CommandRow, commandTree, isGroup, nameOf } from '../../cli/commands.ts';
import { globalOptions } from '../../cli/global-options.ts';
import { parseWithYargs } from '../../cli/parse-with-yargs.ts';
import { readPlainArguments } from '../../cli/plain-arguments.ts';

interface Named {
  readonly path: readonly string[];
  readonly row: CommandRow;
  readonly command: Command;
}

async function allCommands(group: CommandGroup, path: readonly string[] = []): Promise<Named[]> {
  const found = group.commands.map(async (row) => {
    const here = [...path, nameOf(row)];
    return isGroup(row) ? await allCommands(row, here) : [{ path: here, row, command: (await row.load()).command }];
  });
  return (await Promise.all(found)).flat();
}

const commands = await allCommands(commandTree);

/** What yargs makes of it; undefined for a mistake. */
async function byYargs(args: readonly string[]): Promise<unknown> {
  return (await parseWithYargs(args).catch(() => undefined))?.argv;
}

/** Words as people and scripts write them behind a command, right and wrong. */
function wordsFor({ command }: Named): fc.Arbitrary<string[]> {
  const options: OptionTable = { ...globalOptions, ...command.options };
  const value = fc.oneof(
    fc.constantFrom(
      'a',
      '7',
      '007',
      '1e3',
      '0x1f',
      '-1',
      '',
      'a b',
      '"q"',
      "'q'",
      'k=v',
      'true',
      'false',
      'x--y',
      '1.5',
    ),
    fc.constantFrom(...Object.values(options).flatMap(({ choices = ['a'] }) => choices.map(String))),
  );
  const name = fc.constantFrom(...Object.keys(options), 'no-color', 'unknown', 'repoMode');
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(name, value).map(([option, text]) => [`--${option}`, text]) },
    { weight: 2, arbitrary: fc.tuple(name, value).map(([option, text]) => [`--${option}=${text}`]) },
    { weight: 2, arbitrary: name.map((option) => [`--${option}`]) },
    { weight: 3, arbitrary: value.map((text) => [text]) },
    { weight: 1, arbitrary: fc.constantFrom('--', '-x', '-', '--json=true', '---json').map((text) => [text]) },
  );
  return fc.array(word, { maxLength: 5 }).map((parts) => parts.flat());
}

test('readPlainArguments() gives what yargs gives for any command line, or leaves it to yargs', async (t) => {
  let read = 0;
  const lines = fc.constantFrom(...commands).chain((named) => fc.tuple(fc.constant(named), wordsFor(named)));
  await fc.assert(
    fc.asyncProperty(lines, async ([{ path, row, command }, words]) => {
      const args = [...path, ...words];
      const plain = readPlainArguments(args, path, row.usage, command);
      if (plain === undefined) return;
      read++;
      t.deepEqual(plain, (await byYargs(args)) as typeof plain, args.join(' '));
    }),
    { numRuns: 3000 },
  );
  t.true(read > 100, `only ${read} command lines were read`);
});

const plain = [
  'compose tree host.yaml --repo repo --dry-run',
  'compose tree host.yaml --repo=repo --source-date-epoch 7 --lockfile a --lockfile b --json --progress plain',
  'treefile show host.yaml',
  'treefile lint a.yaml b.yaml',
  'doctor',
];

for (const line of plain) {
  test(`readPlainArguments() reads \`${line}\` without yargs`, async (t) => {
    const args = line.split(' ');
    const { path, row, command } = commands.find((named) => named.path.every((word, index) => word === args[index]))!;
    t.deepEqual(readPlainArguments(args, path, row.usage, command), (await byYargs(args)) as Record<string, unknown>);
  });
}

for (const words of [
  ['host.yaml', '--repo="r"'],
  ['host.yaml', '--repo', ''],
]) {
  test(`readPlainArguments() leaves ${JSON.stringify(words)} to yargs`, (t) => {
    const { path, row, command } = commands.find((named) => named.path.join(' ') === 'compose tree')!;
    t.is(readPlainArguments([...path, ...words], path, row.usage, command), undefined);
  });
}
