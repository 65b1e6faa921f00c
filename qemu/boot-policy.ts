// What people allow of the base checks (YAML) -> boot policy.

import { resolve } from 'node:path';
import { Problems } from '../compose/treefile/problems.ts';
import { readSource } from '../compose/treefile/source/read.ts';
import { listOf, record } from '../compose/treefile/types/collections.ts';
import { count, flag, text } from '../compose/treefile/types/scalars.ts';
import { type BootPolicy, strictPolicy, taintLetters } from './base-checks.ts';

const listener = text({
  words: 'a port such as tcp/8080',
  refuse: (value) => {
    const port = /^(?:tcp|udp)\/(\d{1,5})$/.exec(value)?.[1];
    return port !== undefined && Number(port) > 0 && Number(port) < 65_536
      ? undefined
      : `"${value}" is not a port such as tcp/8080`;
  },
});

const taints = text({
  words: 'letters of taints such as "OE"',
  refuse: (value) => {
    const unknown = [...value].find((letter) => !taintLetters.includes(letter));
    return unknown === undefined ? undefined : `"${unknown}" is no taint: the letters are ${taintLetters}`;
  },
});

const argumentName = text({
  words: 'the name of a kernel argument',
  refuse: (value) => (/^[^\s=]+$/.test(value) ? undefined : `"${value}" is not the name of a kernel argument`),
});

const budget = { type: count, optional: true } as const;

const policyFile = record(
  'a boot policy',
  {
    listeners: { type: listOf(listener), optional: true },
    taints: { type: taints, optional: true },
    'clock-tolerance': { type: count, optional: true },
    'free-space': { type: count, optional: true },
    'kernel-arguments': { type: listOf(argumentName), optional: true },
    ssh: { type: flag, optional: true },
    'stuck-after': { type: count, optional: true },
    budgets: {
      type: record(
        'a mapping from phases to seconds',
        { firmware: budget, loader: budget, kernel: budget, initrd: budget, userspace: budget, total: budget },
        'refuse',
      ),
      optional: true,
    },
  },
  'refuse',
);

/** Reads a policy; what it leaves out is as strict as ever, and its listeners and kernel arguments add to those that are always allowed. @throws DiagnosticsError */
export function readBootPolicy(file: string): BootPolicy {
  const problems = new Problems();
  const parsed = readSource(resolve(file), file, problems);
  const written = parsed === undefined ? undefined : policyFile.read(parsed.root, problems);
  problems.throwIfErrors();
  const { listeners = [], taints: allowed = '', budgets = {}, ...rest } = written!;
  return {
    listeners: [...strictPolicy.listeners, ...listeners],
    taints: allowed,
    clockToleranceSeconds: rest['clock-tolerance'] ?? strictPolicy.clockToleranceSeconds,
    leastFreeMiB: rest['free-space'] ?? strictPolicy.leastFreeMiB,
    kernelArguments: [...strictPolicy.kernelArguments, ...(rest['kernel-arguments'] ?? [])],
    ssh: rest.ssh ?? strictPolicy.ssh,
    stuckAfterSeconds: rest['stuck-after'] ?? strictPolicy.stuckAfterSeconds,
    budgetsMs: Object.fromEntries(Object.entries(budgets).map(([phase, seconds]) => [phase, seconds * 1000])),
  };
}
