// Values of options that yargs lets pass although no command can use them.

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../lib/errors.ts';
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

/**
 * Tells before long work that its result could not be written to the file that an option names. Missing folders are made by whoever writes.
 * @throws UserError `path-unusable`
 */
export function requireWritable(name: string, file: string | undefined): void {
  if (file === undefined) return;
  const refuse = (path: string, reason: string): never => {
    throw new UserError('path-unusable', `--${name} ${file} cannot be written: ${path} ${reason}`, {
      hint: 'name a file in a folder that this user may write to',
    });
  };
  // It would be replaced, not written to.
  if (existsSync(file) && (!statSync(file).isFile() || file.startsWith('/dev/'))) refuse(file, 'is no ordinary file');
  let folder = dirname(resolve(file));
  while (!existsSync(folder)) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) refuse(folder, 'is no folder');
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    refuse(folder, isReadOnly ? 'is on a read-only file system' : 'may not be written to');
  }
}

/** The first word behind the option that is no number. */
function writtenValue(name: string, args: readonly string[]): string {
  const words = args.flatMap((arg, index) => {
    if (arg === `--${name}`) return args[index + 1] ?? '';
    return arg.startsWith(`--${name}=`) ? arg.slice(name.length + 3) : [];
  });
  return words.find((word) => word.trim() === '' || !Number.isFinite(Number(word))) ?? '';
}
