// Values of options that yargs lets pass although no command can use them.

import type { OptionTable } from './command.ts';
import { UsageError } from './usage-error.ts';

/**
 * Words where a number belongs, empty words, and options given more than once that take one value.
 * @param argv what yargs made of `args`
 * @throws UsageError
 */
export function checkOptionValues(
  argv: Readonly<Record<string, unknown>>,
  options: OptionTable,
  positionals: OptionTable,
  args: readonly string[],
): void {
  for (const name of Object.keys(positionals)) requireText(`<${name}>`, argv[name]);
  for (const [name, option] of Object.entries(options)) {
    const value = argv[name];
    if (Array.isArray(value) && option.array !== true) {
      throw new UsageError(`--${name} is given ${value.length} times`, 'give it once');
    }
    requireText(`--${name}`, value);
    if (option.type !== 'number' || value === undefined) continue;
    if ([value].flat().every(Number.isFinite)) continue;
    throw new UsageError(`--${name} needs a number, not "${writtenValue(name, args)}"`, `for example --${name} 4`);
  }
}

/** `--repo "$REPO"` without a REPO would work in the present folder. */
function requireText(what: string, value: unknown): void {
  if (![value].flat().includes('')) return;
  throw new UsageError(`${what} is empty`, 'is a variable of your script not set?');
}

/** @throws UsageError unless the value, when there is one, is a whole number of at least `least` */
export function requireAtLeast(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new UsageError(`--${name} cannot be ${value}`, `it is a whole number of at least ${least}`);
}

/** The first word behind the option that is no number. */
function writtenValue(name: string, args: readonly string[]): string {
  const words = args.flatMap((arg, index) => {
    if (arg === `--${name}`) return args[index + 1] ?? '';
    return arg.startsWith(`--${name}=`) ? arg.slice(name.length + 3) : [];
  });
  return words.find((word) => word.trim() === '' || !Number.isFinite(Number(word))) ?? '';
}
