// `slipway test run`: external tests on an image.

import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { formatSuiteReport } from '../../../qemu/suite/report.ts';
import { runSuite } from '../../../qemu/suite/run-suite.ts';
import { defineCommand } from '../../command.ts';
import { keepForPeople } from './keep.ts';
import { choosesSome, selectedTests, selectionOptions } from './options.ts';
import { suiteOptions, suiteOptionsOf } from './suite-options.ts';

export const command = defineCommand({
  positionals: { image: { type: 'string', describe: 'Raw or qcow2 image; it is not changed', demandOption: true } },
  options: {
    ...selectionOptions,
    'rerun-failed': {
      type: 'boolean',
      default: false,
      describe: 'Only tests that failed in the last report (--output)',
    },
    'fail-fast': { type: 'boolean', default: false, describe: 'Start no test after one that failed' },
    keep: { type: 'boolean', default: false, describe: 'Leave a machine whose test failed standing, until Ctrl-C' },
    ...suiteOptions,
  },
  examples: [
    ['test run image.qcow2', 'All tests below tests/kola; exit status 1 when one fails'],
    ["test run image.qcow2 --only 'ext.mine.net.*' --keep", 'Some, and look into the machine of the first that fails'],
    ['test run image.qcow2 --rerun-failed', 'Those that failed the last time'],
    ['test run image.qcow2 --machine lab.yaml', 'In machines that are made as the file says'],
  ],
  async run(argv, tools) {
    const { output, failFast, keep, rerunFailed } = argv;
    const tests = await selectedTests(argv, rerunFailed ? output : null);
    if (tests.length === 0) {
      throw new UserError(
        'tests-none',
        rerunFailed ? 'no test failed the last time' : `no test of ${argv.tests} is chosen`,
        {
          hint: '`slipway test list` shows what a choice gives',
        },
      );
    }
    const options = await suiteOptionsOf(argv);
    const partial = rerunFailed || choosesSome(argv);
    const keeper = keep ? keepForPeople(output, tools) : null;
    const report = await runSuite(tests, { ...options, failFast, partial, keep: keeper }, tools);
    const text = `${formatSuiteReport(report)}\nreports: ${join(output, 'report.html')}`;
    return { document: report, text, exitCode: report.passed ? 0 : 1 };
  },
});
