// `slipway test watch`: tests that run again when they change.

import { watchTests } from '../../../qemu/suite/watch.ts';
import { defineCommand } from '../../command.ts';
import { choosesSome, selectionOf, selectionOptions } from './options.ts';
import { suiteOptions, suiteOptionsOf } from './suite-options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image; it is not changed', demandOption: true } },
  options: { ...selectionOptions, ...suiteOptions },
  examples: [['test watch image.qcow2 --only ext.mine.new', 'One test again and again while it is written']],
  async run(argv, tools) {
    const suite = { ...(await suiteOptionsOf(argv)), failFast: false, partial: choosesSome(argv), keep: null };
    const select = await selectionOf(argv, null);
    await watchTests({ folder: argv.tests, suite, select }, tools);
    return undefined;
  },
});
