// What an external test says about itself: written as JSON or YAML (a tree with positions), checked against the table of keys.

import { didYouMean, type Problems } from '../../../compose/treefile/problems.ts';
import { describeNode, type SourceNode } from '../../../compose/treefile/source/node.ts';
import type { SourceFile, Span } from '../../../compose/treefile/source/source-file.ts';
import { nearestNames } from '../../../lib/near-miss.ts';
import { type DeclarationKey, declarationKeys, type KeyForm } from './keys.ts';

export interface Declaration {
  /** Empty: all. A list that begins with `!` excludes. */
  readonly architectures: readonly string[];
  readonly platforms: readonly string[];
  readonly distros: readonly string[];
  readonly tags: readonly string[];
  /** The test runs only when this tag is asked for. */
  readonly requiredTag: string | null;
  readonly description: string;
  readonly timeoutMin: number;
  /** MiB. */
  readonly minMemory: number;
  /** Least size of the disk that is booted, GiB. */
  readonly minDisk: number;
  /** Another size of it, e.g. `20G`; '' for that of the image. */
  readonly primaryDisk: string;
  /** Sizes as QEMU writes them, e.g. `5G`. */
  readonly additionalDisks: readonly string[];
  readonly additionalNics: number;
  readonly appendKernelArgs: string;
  /** Why it cannot run here, when it asks for what this harness does not have. */
  readonly unsupported: string | null;
}

export const emptyDeclaration: Declaration = {
  architectures: [],
  platforms: [],
  distros: [],
  tags: [],
  requiredTag: null,
  description: '',
  timeoutMin: 10,
  minMemory: 0,
  minDisk: 0,
  primaryDisk: '',
  additionalDisks: [],
  additionalNics: 0,
  appendKernelArgs: '',
  unsupported: null,
};

/**
 * Reads a declaration; every problem is reported.
 * @param source the file as people see it; the tree may have been read from a text with the same offsets
 */
export function readDeclaration(root: SourceNode, source: SourceFile, problems: Problems): Declaration {
  const at = ({ start, end }: Span): Span => ({ source, start, end });
  if (root.type !== 'mapping') {
    problems.error('wrong-type', `a declaration must be a mapping, not ${describeNode(root)}`, at(root));
    return emptyDeclaration;
  }
  const values: Record<string, unknown> = {};
  const unsupported: string[] = [];
  for (const { key: written, value } of root.entries) {
    const key = declarationKeys.find(({ name }) => name === written.value);
    if (key === undefined) {
      const near = didYouMean(
        nearestNames(
          written.value,
          declarationKeys.map(({ name }) => name),
        ),
      );
      problems.error('unknown-key', `no such key "${written.value}"`, at(written), near);
      continue;
    }
    if (written.value in values) problems.error('duplicate-key', `"${key.name}" is given twice`, at(written));
    const read = readValue(key.form, value);
    if (read === undefined) {
      const message = `"${key.name}" must be ${formWords[key.form]}, not ${describeNode(value)}`;
      problems.error('wrong-type', message, at(value));
    }
    values[key.name] = read;
    const reason = read === undefined ? undefined : whyUnsupported(key, read);
    if (reason !== undefined) unsupported.push(reason);
  }
  const used = declarationKeys.filter(({ name, effect }) => effect === 'used' && values[name] !== undefined);
  return {
    ...emptyDeclaration,
    ...(Object.fromEntries(used.map(({ name }) => [name, values[name]])) as Partial<Declaration>),
    unsupported: unsupported.length === 0 ? null : unsupported.join(', '),
  };
}

const formWords: Readonly<Record<KeyForm, string>> = {
  words: 'words in one string',
  text: 'a string',
  boolean: 'true or false',
  count: 'a whole number that is not negative',
  list: 'a list of strings',
  numbers: 'a list of whole numbers',
};

function readValue(form: KeyForm, node: SourceNode): string | boolean | number | string[] | number[] | undefined {
  const items =
    node.type === 'sequence' ? node.items.map((item) => (item.type === 'scalar' ? item.value : null)) : null;
  const value = node.type === 'scalar' ? node.value : null;
  switch (form) {
    case 'words':
      if (typeof value === 'string') return value.split(/\s+/).filter((word) => word !== '');
      return readStrings(items);
    case 'list':
      return readStrings(items);
    case 'numbers':
      return items?.every((item): item is number => Number.isInteger(item)) === true ? [...items] : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
  }
}

function readStrings(items: readonly unknown[] | null): string[] | undefined {
  return items?.every((item): item is string => typeof item === 'string') === true ? [...items] : undefined;
}

function whyUnsupported(key: DeclarationKey, value: unknown): string | undefined {
  if (key.effect === 'unsupported') return value === false || value === 0 ? undefined : key.name;
  const disks = { primaryDisk: [value], additionalDisks: value }[key.name] as string[] | undefined;
  const fancy = disks?.find((disk) => !/^\d+[KMGT]$/.test(disk)); // kola has options behind a colon, e.g. `5G:mpath`
  return fancy === undefined ? undefined : `${key.name} "${fancy}"`;
}
