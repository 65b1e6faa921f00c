// What `slipway self-test` runs, in this order.

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Arguments of Node, relative to the checkout. */
  readonly argv: readonly string[];
  /** `tap` is counted test by test; `status` counts as one test. */
  readonly counts: 'tap' | 'status';
}

const types: Suite = {
  name: 'types',
  title: 'Check types',
  argv: ['node_modules/typescript/bin/tsc', '--pretty', 'false'],
  counts: 'status',
};

const lint: Suite = {
  name: 'lint',
  title: 'Check style',
  argv: ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off', '.'],
  counts: 'status',
};

const fast: Suite = {
  name: 'fast',
  title: 'Run tests',
  argv: ['node_modules/ava/entrypoints/cli.mjs', '--tap'],
  counts: 'tap',
};

const boot: Suite = {
  name: 'boot',
  title: 'Run boot tests',
  argv: ['node_modules/ava/entrypoints/cli.mjs', '--tap', '--config', 'ava.boot.config.js'],
  counts: 'tap',
};

/** Without the boot tests (minutes of QEMU) when `fastOnly`. */
export function suitesToRun(options: { readonly fastOnly: boolean }): readonly Suite[] {
  return options.fastOnly ? [types, lint, fast] : [types, lint, fast, boot];
}
