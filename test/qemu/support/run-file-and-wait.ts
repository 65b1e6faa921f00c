// Runs the first test file of the folder that the command line names, as `slipway test run` does, to be killed by a test.

import { runTestFile } from '../../../qemu/host/run-file.ts';
import { discoverTests } from '../../../qemu/suite/external/discover.ts';
import type { FrozenState } from '../../../qemu/suite/snapshot/freeze.ts';

const [folder, work] = process.argv.slice(2);
const [found] = await discoverTests(folder!);
const frozen = { folder: work, options: { image: '/image' } } as unknown as FrozenState;
await runTestFile(found!, frozen, new AbortController().signal);
